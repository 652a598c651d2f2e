package dispatch

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/headrace/headrace/fsm/state"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/command/spark"
)

// maxEndedPeers bounds what a driver is told again about workers that ended: the newest. It was told of the others before.
const maxEndedPeers = 512

// setProgram adds what the worker runs. An executor has no program until its driver has said where it is.
func (d *Dispatch) setProgram(to *agentv1.AssignedWorker, view *state.View, worker *state.Worker, run *state.JobRun) error {
	if run.Submission.Process != nil {
		to.Program = processProgram(view, worker, run)
		return nil
	}
	settings, err := command.SparkSettings(run.Release, run.Inherited, run.Submission)
	if err != nil {
		return fmt.Errorf("cannot resolve the settings of run %s, which was accepted: %w", run.ID, err)
	}
	to.Secret = d.Secret(run.ID, worker.Attempt)
	if worker.Number == 0 {
		to.Program, to.EndedPeers = sparkDriver(run, settings), endedPeers(view, worker)
		return nil
	}
	if launch := d.cfg.Demands.Get(run.ID, worker.Attempt).GetLaunch(); launch != nil {
		to.Program = sparkExecutor(launch, settings)
	}
	return nil
}

// Secret is the secret of an attempt's internal connections: the same for all workers of an attempt, on every leader, and is written nowhere: it comes from the keyring.
func (d *Dispatch) Secret(run string, attempt uint32) []byte {
	mac := hmac.New(sha256.New, d.cfg.SecretKey)
	fmt.Fprintf(mac, "attempt/%s/%d", run, attempt)
	return mac.Sum(nil)
}

func sparkDriver(run *state.JobRun, s spark.Settings) *agentv1.AssignedWorker_SparkDriver {
	return &agentv1.AssignedWorker_SparkDriver{SparkDriver: &agentv1.SparkDriver{EntryPoint: run.Submission.Spark.EntryPoint,
		Arguments: run.Submission.Spark.Arguments, MainClass: s.MainClass, Properties: s.Properties, Environment: s.DriverEnv, HeapMib: s.DriverHeapMiB,
		Log4J2: s.DriverLog4j2}}
}

func sparkExecutor(launch *agentv1.ExecutorLaunch, s spark.Settings) *agentv1.AssignedWorker_SparkExecutor {
	return &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{Launch: launch, HeapMib: s.ExecutorHeapMiB, Cores: s.ExecutorCores,
		Environment: s.ExecutorEnv, JavaOptions: s.Properties["spark.executor.extraJavaOptions"], ClassPath: s.Properties["spark.executor.extraClassPath"],
		Log4J2: s.ExecutorLog4j2}}
}

func processProgram(view *state.View, worker *state.Worker, run *state.JobRun) *agentv1.AssignedWorker_Process {
	process := run.Submission.Process
	program := &agentv1.ProcessProgram{Command: process.Command, Environment: process.Environment, Tasks: process.Tasks}
	if worker.Number != 0 {
		if len(process.TaskCommand) > 0 {
			program.Command = process.TaskCommand
		}
		program.DriverHost = driverHost(view, worker)
	}
	return &agentv1.AssignedWorker_Process{Process: program}
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
	var ended []*state.Worker
	for w := range view.WorkersOfAttempt(driver.Run, driver.Attempt) {
		if w.Number != 0 && !w.Live() {
			ended = append(ended, w)
		}
	}
	slices.SortStableFunc(ended, func(a, b *state.Worker) int { return cmp.Compare(state.Nano(a.Ended), state.Nano(b.Ended)) })
	var peers []*agentv1.EndedPeer
	for _, w := range ended[max(0, len(ended)-maxEndedPeers):] {
		peers = append(peers, &agentv1.EndedPeer{Number: w.Number, Code: w.Exit.Code, Message: w.Exit.Reason.String() + ": " + w.Exit.Message,
			ProgramFault: programFault(w.Exit)})
	}
	return peers
}

// programFault says whether the user's program caused a worker's end, which Spark counts against the application.
func programFault(exit state.Exit) bool {
	return exit.Reason == state.ExitOutOfMemory || exit.Reason == state.ExitOutOfDisk || exit.Reason == state.ExitExited && exit.Code != 0
}
