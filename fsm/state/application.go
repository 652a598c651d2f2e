package state

import (
	"iter"
	"time"

	"github.com/headrace/headrace/internal/resource"
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
	ID            string
	Name          string
	Engine        Engine
	Release       string
	Limit         resource.Vector // maximum capacity; a zero part has no limit
	AutoStart     bool
	IdleTimeout   time.Duration // 0: it never stops by itself
	Weight        int64
	Configuration []Configuration
	Tags          map[string]string
	Architecture  string

	State        ApplicationState
	StateDetails string
	StartAgain   bool // once it has stopped
	CreatedBy    string
	Created      time.Time
	Updated      time.Time
	IdleSince    time.Time // when its last run ended, or it started
}

// Application returns the application with an id, or nil.
func (v *View) Application(id string) *Application { return v.applications.get(id) }

// Applications yields the applications behind an id, by id, which is by age.
func (v *View) Applications(after string) iter.Seq[*Application] {
	return v.applications.after("", after)
}

// UsedOfApplication returns what the slots of an application hold.
func (v *View) UsedOfApplication(id string) resource.Vector { return v.usedOfApplication.get(id) }

// PutApplication adds or replaces an application.
func (tx *Tx) PutApplication(a Application) { tx.view.applications.put(a.ID, &a) }

// RemoveApplication removes an application that has neither runs nor slots.
func (tx *Tx) RemoveApplication(id string) {
	tx.view.applications.remove(id)
	tx.view.usedOfApplication.remove(id)
}
