package ui

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/dispatch"
)

// maxTries is how many nodes are asked to show a history.
const maxTries = 3

// target is where an attempt can be looked at now.
type target struct {
	host  string   // its name, as a host name
	token string   // that its pages ask for
	nodes []string // that can show it, the best first
	open  *agentv1.OpenUI
}

// show has the target shown with a token: its pages ask for it, and a history server is told so.
func (t *target) show(token string) {
	t.token = token
	if shown := t.open.GetHistory(); shown != nil {
		shown.PagesToken = token
	}
}

// live says whether the attempt's driver shows it.
func (t target) live() bool { return t.open.GetWorkerId() != "" }

// where returns where an attempt can be looked at; managed is where managed logs are. Its error is Unavailable if it
// cannot be looked at yet, WrongState if it never can, and NotFound if there is no such attempt.
func where(view *state.View, a Attempt, managed string) (target, error) {
	run := view.JobRun(a.Run)
	if run == nil || run.Application != a.Application || view.Attempt(a.Run, a.Number) == nil {
		return target{}, errs.New(errs.NotFound,
			"cannot show attempt %d of job run %s: it does not exist (any more)", a.Number, a.Run)
	}
	if run.Spark() == nil {
		return target{}, errs.New(errs.WrongState, "job run %s has no user interface: only Spark has", run.ID)
	}
	return shownBy(view, run, a, managed)
}

// shownBy returns where an attempt of a Spark run can be looked at: at its driver, or after that at a history server.
func shownBy(view *state.View, run *state.JobRun, a Attempt, managed string) (target, error) {
	driver := view.Driver(a.Run, a.Number)
	switch {
	case driver == nil && !view.Attempt(a.Run, a.Number).State.Over():
		return target{}, errs.New(errs.Unavailable,
			"attempt %d has not begun: `headrace job-run explain %s %s` says what it waits for",
			a.Number, a.Application, a.Run)
	case driver == nil:
		return target{}, errs.New(errs.WrongState,
			"attempt %d of job run %s ended before it had a driver: there is nothing to show", a.Number, a.Run)
	case driver.State == state.WorkerPlaced:
		return target{}, errs.New(errs.Unavailable, "the driver of attempt %d is being started", a.Number)
	case driver.Live():
		return target{
			host:  "driver-" + driver.ID,
			nodes: []string{driver.Node},
			open:  &agentv1.OpenUI{WorkerId: driver.ID},
		}, nil
	}
	return history(view, run, driver, managed)
}

// Shows returns no error if a link to an attempt shows something now, or will once the attempt has begun.
func Shows(view *state.View, a Attempt, managed string) error {
	_, err := where(view, a, managed)
	if errs.Is(err, errs.Unavailable) {
		return nil
	}
	return err
}

// Past returns the history that a link to an attempt leads to; nil: it leads elsewhere, or nowhere.
func Past(view *state.View, a Attempt, managed string) *agentv1.History {
	to, err := where(view, a, managed)
	if err != nil {
		return nil
	}
	return to.open.GetHistory()
}

// history returns where the event log of an attempt that is over can be looked at.
func history(view *state.View, run *state.JobRun, driver *state.Worker, managed string) (target, error) {
	kept := eventLog(view, run, driver, managed)
	if kept == nil {
		return target{}, errs.New(errs.WrongState,
			"attempt %d of job run %s is over, and its monitoring configuration keeps no event log: "+
				"turn managed persistence on, or name an S3 log URI", driver.Attempt, run.ID)
	}
	nodes := historyNodes(view, run, driver.Attempt)
	if len(nodes) == 0 {
		return target{}, errs.New(errs.Unavailable,
			"cannot show the history of attempt %d: no node is ready to", driver.Attempt)
	}
	shown := &agentv1.History{
		ApplicationId: run.Application,
		JobRunId:      run.ID,
		Attempt:       driver.Attempt,
		ReleaseLabel:  run.Release,
		LogUri:        kept.GetUri(),
		LogManaged:    kept.GetManaged(),
		Folder:        dispatch.LogsOf(run, driver).EventLogs(),
	}
	if !driver.Running.IsZero() {
		shown.DriverStartedAt = timestamppb.New(driver.Running)
	}
	if row := view.Release(run.Release); row != nil {
		shown.ReleaseDigest = row.Digest
	}
	return target{
		host:  fmt.Sprintf("history-%s-%d", run.ID, driver.Attempt),
		nodes: nodes,
		open:  &agentv1.OpenUI{History: shown},
	}, nil
}

// eventLog returns the last destination that keeps a driver's event log; nil: none does.
func eventLog(
	view *state.View,
	run *state.JobRun,
	driver *state.Worker,
	managed string,
) (kept *agentv1.LogDestination) {
	for _, to := range dispatch.Destinations(view, run, driver, managed) {
		if to.GetEventLogs() {
			kept = to
		}
	}
	return kept
}

// historyNodes returns the nodes that may show the history of an attempt: those that hold its release first, then by a
// number that spreads attempts over nodes. They are the same on every server, so that all who look at an attempt share
// a process.
func historyNodes(view *state.View, run *state.JobRun, attempt uint32) (ids []string) {
	var ready []*state.Node
	for node := range view.Nodes() {
		if node.State == state.NodeReady {
			ready = append(ready, node)
		}
	}
	weight := func(n *state.Node) string {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", n.ID, run.ID, attempt))
		return hex.EncodeToString(sum[:])
	}
	slices.SortFunc(ready, func(a, b *state.Node) int {
		switch holds := a.Holds(run.Release); {
		case holds == b.Holds(run.Release):
			return cmp.Or(strings.Compare(weight(a), weight(b)), strings.Compare(a.ID, b.ID))
		case holds:
			return -1
		}
		return 1
	})
	for _, node := range ready[:min(maxTries, len(ready))] {
		ids = append(ids, node.ID)
	}
	return ids
}
