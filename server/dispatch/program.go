package dispatch

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/signal"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// The bounds of what a driver is told again about workers that ended: the newest, and what was said of each, in bytes.
// It was told of the others before.
const (
	maxEndedPeers  = 512
	maxPeerMessage = 512
)

// maxProgram bounds what workers run, encoded, in bytes. The bounds of submissions and applications keep it below half
// of that.
const maxProgram = 2 << 20

// program is what workers run, made once for all that run the same.
type program struct {
	message *agentv1.Program
	digest  [sha256.Size]byte
	bytes   int
}

// programKey says which workers or slots run the same: the workers of one type of an attempt, or the slots of one type
// of an application.
type programKey struct {
	of      string // run or application
	attempt uint32 // 0: slots
	as      state.WorkerType
}

// programs are those of one assignment.
type programs map[programKey]*program

// once returns the program that make makes. It is made once for each key; it may be nil.
func (p programs) once(key programKey, make func() (*agentv1.Program, error)) (*program, error) {
	if made, known := p[key]; known {
		return made, nil
	}
	message, err := make()
	if err != nil {
		return nil, err
	}
	made, err := encode(message)
	if err != nil {
		return nil, err
	}
	p[key] = made
	return made, nil
}

// encode returns a program with its digest and size; nil for nil.
func encode(message *agentv1.Program) (*program, error) {
	if message == nil {
		return nil, nil
	}
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot encode a program: %w", err)
	}
	if n := len(encoded); n > maxProgram {
		return nil, errs.New(errs.TooLarge,
			"command, settings and environment have %d bytes, and a node takes at most %d", n, maxProgram)
	}
	return &program{message: message, digest: sha256.Sum256(encoded), bytes: len(encoded)}, nil
}

// programOf returns what a worker runs. An executor has no program until its driver has said where it is. A worker of a
// run that is over needs none, as it is only to be stopped.
func (t *telling) programOf(worker *state.Worker, run *state.JobRun) (*program, error) {
	if run.State.Terminal() {
		return nil, nil
	}
	key := programKey{worker.Run, worker.Attempt, worker.Type}
	return t.programs.once(key, func() (*agentv1.Program, error) {
		if run.Process() != nil {
			return processProgram(t.view, worker, run), nil
		}
		return t.sparkProgram(worker, run)
	})
}

// sparkProgram returns what a worker of a Spark run runs; nil: its driver has not said yet where it is.
func (t *telling) sparkProgram(worker *state.Worker, run *state.JobRun) (*agentv1.Program, error) {
	launch := t.view.Launch(run).GetSpark()
	if launch == nil {
		return nil, errs.New(errs.Internal, "run %s has no launch", run.ID)
	}
	if worker.Number == 0 {
		return sparkDriver(run, launch), nil
	}
	said := t.dispatch.cfg.Demands.Get(run.ID, worker.Attempt).GetLaunch()
	if said == nil {
		return nil, nil
	}
	executor := sparkExecutor(said, launch)
	return &agentv1.Program{Program: &agentv1.Program_SparkExecutor{SparkExecutor: executor}}, nil
}

// Secret returns the secret of an attempt's internal connections: the same for all workers of an attempt, on every
// leader. It is written nowhere: it comes from the keyring.
func (d *Dispatch) Secret(run string, attempt uint32) []byte {
	mac := hmac.New(sha256.New, d.cfg.SecretKey)
	fmt.Fprintf(mac, "attempt/%s/%d", run, attempt)
	return mac.Sum(nil)
}

func sparkDriver(run *state.JobRun, launch *eventv1.SparkLaunch) *agentv1.Program {
	driver := driverOf(launch)
	driver.EntryPoint = run.Spark().GetEntryPoint()
	driver.Arguments = run.Spark().GetEntryPointArguments()
	driver.MainClass = launch.GetMainClass()
	return &agentv1.Program{Program: &agentv1.Program_SparkDriver{SparkDriver: driver}}
}

// driverOf returns what the drivers of all runs that are launched so have in common.
func driverOf(launch *eventv1.SparkLaunch) *agentv1.SparkDriver {
	return &agentv1.SparkDriver{
		Properties:  launch.GetProperties(),
		Environment: launch.GetDriverEnvironment(),
		HeapMib:     launch.GetDriverHeapMib(),
		Log4J2:      launch.GetDriverLog4J2(),
	}
}

// sparkExecutor returns an executor of a driver that said where it is; nil: that driver is not known yet.
func sparkExecutor(driver *agentv1.ExecutorLaunch, launch *eventv1.SparkLaunch) *agentv1.SparkExecutor {
	return &agentv1.SparkExecutor{
		Launch:      driver,
		HeapMib:     launch.GetExecutorHeapMib(),
		Cores:       launch.GetExecutorCores(),
		Environment: launch.GetExecutorEnvironment(),
		JavaOptions: launch.GetProperties()["spark.executor.extraJavaOptions"],
		ClassPath:   launch.GetProperties()["spark.executor.extraClassPath"],
		Log4J2:      launch.GetExecutorLog4J2(),
	}
}

func processProgram(view *state.View, worker *state.Worker, run *state.JobRun) *agentv1.Program {
	process := run.Process()
	program := &agentv1.ProcessProgram{
		Command:     process.GetCommand(),
		Environment: process.GetEnvironment(),
		Tasks:       process.GetTasks(),
	}
	if worker.Number != 0 {
		if len(process.GetTaskCommand()) > 0 {
			program.Command = process.GetTaskCommand()
		}
		program.DriverHost = driverHost(view, worker)
	}
	return &agentv1.Program{Program: &agentv1.Program_Process{Process: program}}
}

func driverHost(view *state.View, worker *state.Worker) string {
	driver := view.Driver(worker.Run, worker.Attempt)
	if driver == nil || view.Node(driver.Node) == nil {
		return ""
	}
	return view.Node(driver.Node).Host
}

// endedPeers tells a driver how workers of its attempt ended, oldest first.
func endedPeers(view *state.View, driver *state.Worker) []*agentv1.EndedPeer {
	ended := endedWorkers(view, driver)
	var peers []*agentv1.EndedPeer
	for _, w := range ended[max(0, len(ended)-maxEndedPeers):] {
		peers = append(peers, &agentv1.EndedPeer{
			Number:       w.Number,
			Code:         w.Exit.Code,
			Message:      lastOf(endOf(w.Exit)+": "+w.Exit.Message, maxPeerMessage),
			ProgramFault: w.Leaving == 0 && programFault(w.Exit),
		})
	}
	return peers
}

// leavingPeers tells a driver which workers of its attempt it is asked to let go.
func leavingPeers(view *state.View, driver *state.Worker) (numbers []uint32) {
	for w := range view.WorkersOfAttempt(driver.Run, driver.Attempt) {
		if w.Live() && w.Leaving != 0 {
			numbers = append(numbers, w.Number)
		}
	}
	return numbers
}

// endOf says how a worker ended: by what signal, if one ended it.
func endOf(exit state.Exit) string {
	if exit.Signal != 0 {
		return exit.Reason.String() + " by " + signal.Name(exit.Signal)
	}
	return exit.Reason.String()
}

// endedWorkers returns the workers of a driver's attempt that have ended, oldest first.
func endedWorkers(view *state.View, driver *state.Worker) (ended []*state.Worker) {
	for w := range view.WorkersOfAttempt(driver.Run, driver.Attempt) {
		if w.Number != 0 && !w.Live() {
			ended = append(ended, w)
		}
	}
	slices.SortStableFunc(ended, func(a, b *state.Worker) int {
		return cmp.Compare(state.Nano(a.Ended), state.Nano(b.Ended))
	})
	return ended
}

// lastOf cuts a text that is longer than the limit in its middle. Its beginning, which says what it is, and its end,
// which says the most, stay.
func lastOf(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const beginning = 64
	end := text[len(text)-(limit-beginning-8):]
	return strings.ToValidUTF8(text[:beginning], "") + " ... " + strings.ToValidUTF8(end, "")
}

// programFault says whether the user's program caused a worker's end, which Spark counts against the application.
func programFault(exit state.Exit) bool {
	return exit.Reason == state.ExitOutOfMemory || exit.Reason == state.ExitOutOfDisk ||
		exit.Reason == state.ExitExited && exit.Code != 0
}
