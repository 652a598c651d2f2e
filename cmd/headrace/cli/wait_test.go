package cli

import (
	"io"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// life returns a server on which a run goes through a life that ends in a state; the stream breaks in the middle.
func life(end string) *clusterfake.Server {
	streams := 0
	over := false
	kinds := []*controlv1.WatchEventsResponse{
		{Kind: "JobRunQueued", State: "QUEUED"},
		{Kind: "JobRunTagged"},
		{Kind: "JobRunAdmitted", State: "PENDING"},
		{Kind: "AttemptScheduled", State: "SCHEDULED", Attempt: 1},
		{Kind: "WorkersAssigned", Workers: 1, WorkerType: "DRIVER"},
		{Kind: "WorkersPlaced", Workers: 2, WorkerType: "EXECUTOR"},
		{Kind: "WorkerRunning", WorkerType: "EXECUTOR", WorkerNumber: 2},
		{Kind: "AttemptRunning", State: "RUNNING", Attempt: 1},
		{Kind: "WorkerEnded", WorkerType: "EXECUTOR", WorkerNumber: 2},
		{Kind: "AttemptEnded", State: "FAILED", Attempt: 1},
		{Kind: "JobRunEnded", State: end},
	}
	return &clusterfake.Server{
		Answer: func(clusterfake.Call) (proto.Message, error) {
			run := &controlv1.JobRun{
				JobRunId:      "01run",
				ApplicationId: "01app",
				State:         "SUBMITTED",
				UpdatedAt:     ago(time.Minute),
			}
			if over {
				run.State = end
				run.StateDetails = "because"
			}
			return &controlv1.GetJobRunResponse{JobRun: run, Record: 9}, nil
		},
		Watch: func(r *controlv1.WatchEventsRequest,
			s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
		) error {
			streams++
			for i := int(r.GetFrom().GetRecord()) - 10; i < len(kinds); i++ {
				if streams == 1 && i == 4 {
					return errs.New(errs.Unavailable, "this server stops")
				}
				over = over || kinds[i].GetKind() == "JobRunEnded"
				kinds[i].Time = ago(0)
				kinds[i].Next = &controlv1.Position{Record: uint64(11 + i)}
				if err := s.Send(kinds[i]); err != nil {
					return err
				}
			}
			<-s.Context().Done()
			return nil
		},
	}
}

func TestWait_ExitCodeSaysHowTheRunEnded(t *testing.T) {
	for end, want := range map[string]int{"SUCCESS": ExitDone, "FAILED": ExitFailed, "CANCELLED": ExitCancelled} {
		r := command(t.Context(), life(end).Start(t), "job-run", "wait", "01app", "01run")
		if got := ExitCode(r.failed); got != want {
			t.Errorf("%s exits with %d (%v), want %d", end, got, r.failed, want)
		}
	}
}

func TestWait_ShowsEachChangeOnceThoughTheStreamBroke(t *testing.T) {
	r := command(t.Context(), life("SUCCESS").Start(t), "job-run", "wait", "01app", "01run")
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	golden(t, "wait-progress.txt", r.err.Bytes())
	golden(t, "wait-result.txt", r.out.Bytes())
}

func TestWait_AnswersAsJSONAndKeepsProgressApart(t *testing.T) {
	r := command(t.Context(), life("SUCCESS").Start(t), "job-run", "wait", "01app", "01run", "-o", "json")
	if r.failed != nil || !strings.HasPrefix(r.out.String(), "{") || strings.Contains(r.out.String(), "still run") {
		t.Errorf("error %v, output %q", r.failed, r.out.String())
	}
}

func TestLogs_GoOnWhereTheConnectionBroke(t *testing.T) {
	const text = "first line\nsecond line\n"
	var offsets []int64
	server := &clusterfake.Server{
		Log: func(r *controlv1.ReadLogRequest, s grpc.ServerStreamingServer[controlv1.ReadLogResponse]) error {
			offsets = append(offsets, r.GetOffset())
			if len(offsets) == 1 {
				_ = s.Send(&controlv1.ReadLogResponse{Data: []byte(text[:14])})
				return errs.New(errs.Unavailable, "this server stops")
			}
			return s.Send(&controlv1.ReadLogResponse{Offset: r.GetOffset(), Data: []byte(text[r.GetOffset():])})
		},
	}
	r := command(t.Context(), server.Start(t), "job-run", "logs", "01app", "01run", "--follow")
	if r.failed != nil || r.out.String() != text {
		t.Errorf("error %v, output %q", r.failed, r.out.String())
	}
	if len(offsets) != 2 || offsets[1] != 14 {
		t.Errorf("read from %v, want 0 and 14", offsets)
	}
}

func TestEvents_ShowALineEachUntilInterrupted(t *testing.T) {
	for form, name := range map[string]string{"table": "events.txt", "json": "events.json"} {
		ctx, cancel := contextOf(t)
		server := &clusterfake.Server{
			Watch: func(r *controlv1.WatchEventsRequest,
				s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
			) error {
				if r.GetFrom().GetRecord() == 7 && r.GetFrom().GetEvent() == 2 {
					_ = s.Send(&controlv1.WatchEventsResponse{
						Position:      r.GetFrom(),
						Next:          &controlv1.Position{Record: 8},
						Time:          ago(0),
						Kind:          "WorkersPlaced",
						State:         "PLACED",
						ApplicationId: "01app",
						JobRunId:      "01run",
						Attempt:       1,
						WorkerType:    "EXECUTOR",
						Workers:       3,
						NodeId:        "01n1",
					})
					return errs.New(errs.Unavailable, "this server stops")
				}
				_ = s.Send(&controlv1.WatchEventsResponse{
					Position: r.GetFrom(),
					Next:     &controlv1.Position{Record: 9},
					Time:     ago(0),
					Kind:     "NodeLost",
					State:    "LOST",
					NodeId:   "01n1",
				})
				return errs.New(errs.Internal, "the end of the test")
			},
		}
		r := command(ctx, server.Start(t), "events", "--from", "7.2", "-o", form)
		cancel()
		if r.failed == nil {
			t.Error("no error, want that of the stream")
		}
		golden(t, name, r.out.Bytes())
	}
}

func TestEvents_InterruptedIsDone(t *testing.T) {
	ctx, cancel := contextOf(t)
	server := &clusterfake.Server{
		Watch: func(_ *controlv1.WatchEventsRequest,
			s grpc.ServerStreamingServer[controlv1.WatchEventsResponse],
		) error {
			cancel()
			<-s.Context().Done()
			return nil
		},
	}
	if r := command(ctx, server.Start(t), "events"); r.failed != nil {
		t.Error(r.failed)
	}
}

// waiting is a server on which a run waits for room for ever.
func waiting() *clusterfake.Server {
	run := &controlv1.JobRun{JobRunId: "01run", ApplicationId: "01app", State: "PENDING", UpdatedAt: ago(0)}
	answer := func(c clusterfake.Call) (proto.Message, error) {
		switch c.Method {
		case "StartJobRun":
			return &controlv1.StartJobRunResponse{JobRun: run}, nil
		case "ExplainJobRun":
			return &controlv1.ExplainJobRunResponse{State: "PENDING", Message: "zone-a has 1 vCPU free of 4 wanted"}, nil
		}
		return &controlv1.GetJobRunResponse{JobRun: run, Record: 9}, nil
	}
	watch := func(_ *controlv1.WatchEventsRequest, s grpc.ServerStreamingServer[controlv1.WatchEventsResponse]) error {
		<-s.Context().Done()
		return nil
	}
	return &clusterfake.Server{Answer: answer, Watch: watch}
}

// interrupter interrupts a command once it wrote a text.
type interrupter struct {
	to        io.Writer
	at        string
	interrupt func()
}

func (w *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.at) {
		defer w.interrupt()
	}
	return w.to.Write(p)
}

// A command that waits said that a run waits for room, and neither which run nor for how much room, and its end by
// Ctrl-C left open whether the run went on.
func TestD2_WaitSaysTheIDTheReasonAndWhatGoesOn(t *testing.T) {
	for _, args := range []string{"start 01app --entry-point x --wait", "wait 01app 01run"} {
		ctx, cancel := contextOf(t)
		r := &ran{}
		env := testEnv(r, waiting().Start(t))
		env.Err = &interrupter{to: &r.err, at: "1 vCPU free", interrupt: cancel}
		runIn(ctx, r, env, append([]string{"job-run"}, strings.Fields(args)...)...)
		cancel()
		if ExitCode(r.failed) != ExitInterrupted {
			t.Errorf("%s: %v", args, r.failed)
		}
		told := r.err.String()
		for _, part := range []string{
			"PENDING    zone-a has 1 vCPU free of 4 wanted",
			"job run 01run goes on",
			"headrace job-run wait 01run follows it",
			"headrace job-run cancel 01run ends it",
		} {
			if !strings.Contains(told, part) {
				t.Errorf("%s: %q lacks %q", args, told, part)
			}
		}
		if strings.Contains(args, "start") && !strings.HasPrefix(told, "job run 01run is PENDING in application 01app\n") {
			t.Errorf("%s: the id is not the first that is told: %q", args, told)
		}
	}
}

// stepping is a run of Spark whose jobs get on each time that somebody asks.
func stepping() *clusterfake.Server {
	run := &controlv1.JobRun{JobRunId: "01run", ApplicationId: "01app", State: "RUNNING", UpdatedAt: ago(0)}
	done := uint32(0)
	answer := func(c clusterfake.Call) (proto.Message, error) {
		if c.Method == "ExplainJobRun" {
			done++
			spark := &controlv1.SparkProgress{StagesDone: 2, Stages: 7, TasksDone: 119 + done, Tasks: 400}
			return &controlv1.ExplainJobRunResponse{State: "RUNNING", Message: "its driver runs: ...", Spark: spark}, nil
		}
		return &controlv1.GetJobRunResponse{JobRun: run, Record: 9}, nil
	}
	watch := func(_ *controlv1.WatchEventsRequest, s grpc.ServerStreamingServer[controlv1.WatchEventsResponse]) error {
		<-s.Context().Done()
		return nil
	}
	return &clusterfake.Server{Answer: answer, Watch: watch}
}

// Who waits for a run of Spark sees how far its jobs are: on a terminal in one line that changes, elsewhere in a line.
func TestD2_WaitShowsStagesAndTasks(t *testing.T) {
	for terminal, want := range map[bool]string{
		true:  "RUNNING    stage 3/7, tasks 121/400",
		false: "RUNNING    stage 3/7, tasks 120/400\n",
	} {
		ctx, cancel := contextOf(t)
		r := &ran{}
		env := testEnv(r, stepping().Start(t))
		env.Terminal = terminal
		env.Err = &interrupter{to: &r.err, at: strings.TrimSpace(want), interrupt: cancel}
		runIn(ctx, r, env, "job-run", "wait", "01app", "01run")
		cancel()
		if told := r.err.String(); ExitCode(r.failed) != ExitInterrupted || !strings.Contains(told, want) {
			t.Errorf("terminal %t: %q, %v", terminal, told, r.failed)
		}
	}
}

// Where each line stays, there is one about stages in ten seconds at most; what a run waits for is told at once.
func TestD2_LinesAboutStagesAreRareWhereTheyStay(t *testing.T) {
	r := &ran{}
	env := testEnv(r, "")
	now := time.Unix(1_000_000, 0)
	env.Now = func() time.Time { return now }
	p := newProgress(env)
	p.state(&controlv1.JobRun{State: "RUNNING"})
	asked := 0
	for i := range 60 { // seconds
		now = now.Add(time.Second)
		if !p.asks() {
			continue
		}
		asked++
		p.reason(&controlv1.ExplainJobRunResponse{State: "RUNNING", Spark: &controlv1.SparkProgress{
			Stages: 7, TasksDone: uint32(i), Tasks: 400,
		}})
	}
	if lines := strings.Count(r.err.String(), "stage 1/7"); asked != 6 || lines != 6 {
		t.Errorf("asked %d times, and told %d times in a minute: %s", asked, lines, r.err.String())
	}
	p.reason(&controlv1.ExplainJobRunResponse{State: "RUNNING", Message: "its driver runs"}) // no job runs
	if strings.Contains(r.err.String(), "its driver runs") {
		t.Errorf("it repeats what is known: %s", r.err.String())
	}
}

// A run of type PROCESS has no jobs: nobody is asked how far they are.
func TestD2_NobodyIsAskedForStagesOfAProcess(t *testing.T) {
	p := newProgress(testEnv(&ran{}, ""))
	process := specv1.JobDriver_builder{Process: &specv1.Process{}}.Build()
	run := &controlv1.JobRun{State: "PENDING", Spec: specv1.JobRun_builder{Driver: process}.Build()}
	p.state(run)
	if !p.asks() {
		t.Error("nobody asks why it waits")
	}
	run.State = "RUNNING"
	p.state(run)
	if p.asks() {
		t.Error("it is asked for stages")
	}
}

func TestD2_GetShowsTheProgressOfARunThatRuns(t *testing.T) {
	address := stepping().Start(t)
	r := command(t.Context(), address, "job-run", "get", "01app", "01run")
	if r.failed != nil || !strings.Contains(r.out.String(), "Progress") ||
		!strings.Contains(r.out.String(), "stage 3/7, tasks 120/400") {
		t.Errorf("%v: %s", r.failed, r.out.String())
	}
	r = command(t.Context(), address, "job-run", "get", "01app", "01run", "--output", "json")
	if r.failed != nil || !strings.Contains(strings.ReplaceAll(r.out.String(), " ", ""), `"tasks_done":121`) {
		t.Errorf("%v: %s", r.failed, r.out.String())
	}
}
