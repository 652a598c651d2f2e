package dispatch

import (
	"context"
	"strings"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logpath"
)

// LogsOf names the logs of a worker.
func LogsOf(run *state.JobRun, worker *state.Worker) logpath.Worker {
	return logpath.Worker{
		Attempt: logpath.Attempt{
			Application: run.Application,
			Run:         run.ID,
			Number:      worker.Attempt,
			Apart:       run.Apart(worker.Attempt),
		},
		Type:    worker.Type.String(),
		Process: run.Process() != nil,
		Number:  worker.Number,
		Epoch:   worker.Epoch,
	}
}

// mayStore checks that a log file is one of a worker that a node holds or held, that the servers keep it, and that they
// would still keep it. The rows of workers stay in the state when the workers end, and lie in the history later, with
// the ids of their nodes, so any server can say this of logs that come late, after any change of leader. A node that
// was forgotten and joined again counts as another node.
func (d *Dispatch) mayStore(ctx context.Context, view *state.View, node *state.Node, path string) error {
	file, is := logpath.Parse(path)
	if !is {
		return errs.Field("path", "%.200q is no log file of a worker", path)
	}
	view, err := d.recall(ctx, view, file.Run)
	if err != nil {
		return err
	}
	run, worker := owner(view, file)
	if worker == nil {
		return errs.New(errs.NotFound, "cannot keep %s: there is no such worker", path)
	}
	if worker.Node != node.ID || worker.Placed.Before(node.Joined) {
		return errs.New(errs.Forbidden,
			"cannot keep %s from node %s: it is of worker %s, which is not and was not on this node",
			path, node.Name, worker.ID)
	}
	if !d.keeps(view, run, worker, file) || !strings.HasPrefix(path, folderOf(run, worker, file)+"/") {
		return errs.New(errs.Forbidden, "cannot keep %s: the servers keep no such log of job run %s", path, run.ID)
	}
	return d.checkAge(worker, path)
}

// recall returns a view that has a run, though it is over and left the state.
func (d *Dispatch) recall(ctx context.Context, view *state.View, run string) (*state.View, error) {
	if d.cfg.Recall == nil {
		return view, nil
	}
	return d.cfg.Recall(ctx, view, run)
}

// checkAge refuses a log of a worker that ended so long ago that its logs are kept no more.
func (d *Dispatch) checkAge(worker *state.Worker, path string) error {
	over := d.cfg.Door.Now().Sub(worker.Ended)
	if worker.Live() || over <= d.cfg.LogRetention {
		return nil
	}
	return errs.New(errs.WrongState,
		"cannot keep %s: its worker ended %s ago, and logs are kept for %s",
		path, over.Round(time.Minute), d.cfg.LogRetention)
}

// owner returns the worker that writes a file, and its run; nil: there is none. A driver's file belongs to the newest
// driver of the attempt, because a driver that its node refused to start wrote nothing.
func owner(view *state.View, file logpath.File) (*state.JobRun, *state.Worker) {
	run := view.JobRun(file.Run)
	if run == nil || run.Application != file.Application {
		return nil, nil
	}
	attempt := max(file.Attempt, 1)
	if file.Events || file.Number == 0 {
		return run, view.Driver(run.ID, attempt)
	}
	return run, view.WorkerAt(run.ID, attempt, file.Number, file.Epoch)
}

// folderOf returns the folder of a worker's logs, or of its event log.
func folderOf(run *state.JobRun, worker *state.Worker, file logpath.File) string {
	if file.Events {
		return LogsOf(run, worker).EventLogs()
	}
	return LogsOf(run, worker).Folder()
}

// keeps says whether the servers keep the logs of a worker, or its event log.
func (d *Dispatch) keeps(view *state.View, run *state.JobRun, worker *state.Worker, file logpath.File) bool {
	for _, to := range Destinations(view, run, worker, d.ManagedLogs()) {
		if to.GetUri() == OnServers && (file.Events && to.GetEventLogs() || !file.Events && to.GetWorkerLogs()) {
			return true
		}
	}
	return false
}
