package state

import (
	"iter"
	"time"

	"github.com/headrace/headrace/internal/resource"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// ApplicationState is where an application is in its life. The numbers are those of the event log.
type ApplicationState int32

// The states of an application.
const (
	ApplicationCreating   ApplicationState = 1
	ApplicationCreated    ApplicationState = 2
	ApplicationStarting   ApplicationState = 3
	ApplicationStarted    ApplicationState = 4
	ApplicationStopping   ApplicationState = 5
	ApplicationStopped    ApplicationState = 6
	ApplicationTerminated ApplicationState = 7
)

// String returns the state's name.
func (s ApplicationState) String() string {
	return name(s, "", "CREATING", "CREATED", "STARTING", "STARTED", "STOPPING", "STOPPED", "TERMINATED")
}

// Application is a pool of workers of one engine and release.
type Application struct {
	ID    string
	Spec  *specv1.Application // what its users decided, with every default; shared, and never changed
	Terms                     // what Spec means

	State        ApplicationState
	StateDetails string
	StartAgain   bool // once it has stopped
	CreatedBy    string
	UpdatedBy    string // who last asked for a change; empty: nobody did yet
	Created      time.Time
	Updated      time.Time
	IdleSince    time.Time // when its last run ended, or it started
}

// Prepares says whether the application is to hold its pre-initialised slots, which it is while it starts or is
// started.
func (a *Application) Prepares() bool {
	return a.State == ApplicationStarting || a.State == ApplicationStarted
}

// holdsSlots says whether the application may hold free slots: those that it prepares or, while it stops, those that it
// still has to give up.
func (a *Application) holdsSlots() bool { return a.Prepares() || a.State == ApplicationStopping }

// Application returns the application with an id, or nil.
func (v *View) Application(id string) *Application { return v.applications.get(id) }

// Applications yields the applications after an id, by id. Ids are in the order of age.
func (v *View) Applications(after string) iter.Seq[*Application] {
	return v.applications.after("", after)
}

// UsedOfApplication returns what the slots of an application hold.
func (v *View) UsedOfApplication(id string) resource.Vector { return v.usedOfApplication.get(id) }

// Decide gives the application another spec, and its terms.
func (a *Application) Decide(s *specv1.Application) {
	a.Spec = s
	a.Terms = TermsOf(s)
}

// PutApplication adds or replaces an application.
func (tx *Tx) PutApplication(a Application) {
	changed(&tx.view.changes.Applications, a.ID)
	tx.view.applications.put(a.ID, &a)
}

// RemoveApplication removes an application that has neither runs nor slots.
func (tx *Tx) RemoveApplication(id string) {
	changed(&tx.view.changes.Applications, id)
	tx.view.applications.remove(id)
	tx.view.usedOfApplication.remove(id)
	tx.view.runCounts.remove(id)
}
