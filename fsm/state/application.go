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
	Initial       []InitialCapacity // held ready while it is started, at most one entry per type
	MaxRuns       uint32            // that may be past QUEUED at once; 0: no limit
	QueueTimeout  time.Duration     // that a run may be QUEUED
	Monitoring    *Monitoring       // nil: nothing was said
	Surroundings  Surroundings
	PausedTimeout time.Duration // an idle timeout that is switched off; 0: it is on, or there is none

	State        ApplicationState
	StateDetails string
	StartAgain   bool // once it has stopped
	CreatedBy    string
	UpdatedBy    string // who last asked for a change; empty: nobody did yet
	Created      time.Time
	Updated      time.Time
	IdleSince    time.Time // when its last run ended, or it started
}

// InitialCapacity is workers of one type that are held ready.
type InitialCapacity struct {
	Type  WorkerType
	Count uint32
	Size  Size
	Wrote string // the type as its user wrote it; empty: its own name
}

// Total returns what all of them hold.
func (i InitialCapacity) Total() resource.Vector { return i.Size.Times(int64(i.Count)) }

// InitialTotal returns what all slots of an application hold while it is started.
func (a *Application) InitialTotal() (sum resource.Vector) {
	for _, initial := range a.Initial {
		sum = sum.Add(initial.Total())
	}
	return sum
}

// InitialOf returns what is held ready for a type of worker; the zero value if nothing is.
func (a *Application) InitialOf(t WorkerType) InitialCapacity {
	for _, initial := range a.Initial {
		if initial.Type == t {
			return initial
		}
	}
	return InitialCapacity{}
}

// Prepares says whether the application is to hold its pre-initialised slots: it starts or is started.
func (a *Application) Prepares() bool {
	return a.State == ApplicationStarting || a.State == ApplicationStarted
}

// holdsSlots says whether the application may hold free slots: those that it prepares or, while it stops, those that it still has
// to give up.
func (a *Application) holdsSlots() bool { return a.Prepares() || a.State == ApplicationStopping }

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
	tx.view.runCounts.remove(id)
}
