package control

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/routing"
	"github.com/headrace/headrace/server/dispatch"
)

// launchTime is how long a node may take to say how it started a worker.
const launchTime = 10 * time.Second

// maxLaunchBytes bounds what a node says of how it started a worker: clients take no answers above 4 MiB.
const maxLaunchBytes = 3 << 20

// workers implements WorkerService.
type workers struct {
	controlv1.UnimplementedWorkerServiceServer
	*Control
	patience time.Duration // how long a node may take
}

// GetWorker returns a worker and, asked from its node, how the node started it. If the node cannot say, the answer says
// why: the row alone is worth having. What a node says was redacted there, and is not logged here all the same.
func (w *workers) GetWorker(
	ctx context.Context,
	r *controlv1.GetWorkerRequest,
) (*controlv1.GetWorkerResponse, error) {
	view, err := w.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	if view, err = w.cfg.History.RecallWorker(ctx, view, r.GetWorkerId()); err != nil {
		return nil, err
	}
	row := view.Worker(r.GetWorkerId())
	if row == nil {
		return nil, errs.New(errs.NotFound, "there is no worker %.80q", r.GetWorkerId())
	}
	answer := &controlv1.GetWorkerResponse{Worker: message.Worker(view, row), Record: view.Sequence}
	err = routing.MayRead(ctx, view.JobRun(row.Run), "say how workers of job run %s were started")
	if err != nil {
		answer.LaunchUnknown = err.Error() // and the node is not asked
		return answer, nil
	}
	if answer.LaunchUnknown = unlaunched(view, row); answer.LaunchUnknown != "" {
		return answer, nil
	}
	launch, err := w.launch(ctx, row)
	if err != nil {
		answer.LaunchUnknown = err.Error()
	}
	answer.Launch = launch
	return answer, nil
}

// unlaunched says why a worker's node need not be asked how it started the worker; empty: it may know.
func unlaunched(view *state.View, row *state.Worker) string {
	node := view.Node(row.Node)
	switch {
	case node == nil:
		return "its node, " + row.Node + ", was forgotten"
	case node.State != state.NodeReady:
		return "its node, " + node.Name + ", is lost: " + node.StateDetails
	}
	return ""
}

// launch asks a worker's node how it started it.
func (w *workers) launch(ctx context.Context, row *state.Worker) (*controlv1.Launch, error) {
	ctx, cancel := context.WithTimeout(ctx, w.patience)
	defer cancel()
	leave, err := w.streams.Reserve(caller.Of(ctx).User, row.Node)
	if err != nil {
		return nil, err
	}
	defer leave()
	var launch *controlv1.Launch
	err = w.streams.Use(ctx, row.Node, func(data dispatch.DataStream) (err error) {
		launch, err = describe(data, row)
		return err
	})
	if ctx.Err() == context.DeadlineExceeded {
		return nil, errs.New(errs.Unavailable, "its node did not answer within %s", w.patience)
	}
	return launch, err
}

// describe asks a node over a data stream how it started a worker.
func describe(data dispatch.DataStream, row *state.Worker) (*controlv1.Launch, error) {
	ask := &agentv1.DataResponse_DescribeWorker{DescribeWorker: &agentv1.DescribeWorker{WorkerId: row.ID}}
	if err := data.Send(&agentv1.DataResponse{Message: ask}); err != nil {
		return nil, errs.New(errs.Unavailable, "its node went away: %v", err)
	}
	m, err := data.Recv()
	if err != nil {
		return nil, errs.New(errs.Unavailable, "its node went away, or cannot say how workers were started: %v", err)
	}
	said := m.GetWorkerLaunch()
	if err := checkLaunch(said); err != nil {
		return nil, err
	}
	return launchOf(said, row.Run), nil
}

func checkLaunch(said *agentv1.WorkerLaunch) error {
	switch {
	case said == nil:
		return errs.New(errs.Unavailable, "its node answered something else; its agent is of another version")
	case said.GetError() != "":
		return errs.New(errs.NotFound, "its node cannot say: %.1000s", said.GetError())
	case proto.Size(said) > maxLaunchBytes:
		return errs.New(
			errs.TooLarge,
			"its node says %d bytes of it, and an answer has room for %d: "+
				"the files that it was given are too large to show",
			proto.Size(said),
			maxLaunchBytes,
		)
	}
	return nil
}

func launchOf(said *agentv1.WorkerLaunch, run string) *controlv1.Launch {
	launch := &controlv1.Launch{
		JobRunId:    run,
		Command:     said.GetCommand(),
		Environment: said.GetEnvironment(),
		Directory:   said.GetDirectory(),
	}
	for _, f := range said.GetFiles() {
		launch.Files = append(launch.Files, &controlv1.LaunchFile{
			Path:      f.GetPath(),
			Source:    f.GetSource(),
			SizeBytes: f.GetSizeBytes(),
			Content:   f.GetContent(),
		})
	}
	return launch
}
