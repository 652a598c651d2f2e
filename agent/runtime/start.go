package runtime

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/internal/errs"
)

// Start starts a worker whose home was made, and returns when its process runs. Its error is *Refusal, which is also on
// disk as the worker's end.
func (r *Runtime) Start(spec Spec) (Worker, error) {
	w, report, err := r.launch(spec)
	if err != nil {
		return nil, r.refuse(spec.ID, Exit{Reason: StartRefused, Message: "cannot start the worker: " + err.Error()})
	}
	r.keepSpare()
	if report.Note != "" {
		r.note(report.Note)
	}
	if report.Refused != nil {
		<-w.Done()
		return nil, &Refusal{Exit: *report.Refused}
	}
	return w, nil
}

// launch starts the shim and hears its report.
func (r *Runtime) launch(spec Spec) (*watched, startReport, error) {
	if len(spec.Args) == 0 {
		return nil, startReport{}, errs.New(errs.Invalid, "there is no program")
	}
	if err := r.claimLogs(&spec); err != nil {
		return nil, startReport{}, err
	}
	if err := r.complete(&spec); err != nil {
		return nil, startReport{}, err
	}
	if err := writeJSON(filepath.Join(r.Dir(spec.ID), specFile), spec); err != nil {
		return nil, startReport{}, err
	}
	report, pid, err := r.hold(spec.ID)
	if err != nil {
		r.killRemains(spec)
		return nil, startReport{}, err
	}
	w, err := r.watch(spec, pid)
	return w, report, err
}

// complete fills in what the Runtime decides, and writes the sandbox down.
func (r *Runtime) complete(spec *Spec) error {
	home, err := r.homeMade(spec.ID)
	if err != nil {
		return err
	}
	if mark := spec.mark(); !slices.Contains(spec.Env, mark) {
		spec.Env = append(slices.Clip(spec.Env), mark)
	}
	spec.User = home.User
	spec.Home = home.path
	spec.Dir = home.Seen
	spec.Lease = leasePath(r.config.DataDir)
	spec.Apart = r.apart
	if r.config.Cgroup != "" {
		spec.Cgroup = r.config.Cgroup + "/" + spec.ID
	}
	if err := r.admit(*spec); err != nil {
		return err
	}
	if r.config.Sandbox == nil {
		return nil
	}
	spec.Crun = r.config.Sandbox.Program
	spec.Processes = r.config.Sandbox.Processes
	return r.bundle(*spec, home).Write()
}

// bundle describes a worker's sandbox.
func (r *Runtime) bundle(spec Spec, home *Home) sandbox.Bundle {
	return sandbox.Bundle{
		Config:    *r.config.Sandbox,
		Dir:       filepath.Join(r.Dir(spec.ID), bundleDir),
		User:      *home.User,
		Home:      home.Path(),
		Tmp:       filepath.Join(home.path, tmpFolder),
		VarTmp:    filepath.Join(home.path, varTmpFolder),
		Sockets:   home.Sockets,
		Reads:     home.reads,
		Args:      spec.Args,
		Env:       spec.Env,
		MemoryMiB: spec.MemoryMiB,
	}
}

// mark is the variable by which processes of a worker are found when nobody holds them.
func (s Spec) mark() string { return "HEADRACE_WORKER_ID=" + cmp.Or(s.StartedAs, s.ID) }

// hold has a shim hold the worker, the one that waits for it or a new one, and hears its report.
func (r *Runtime) hold(id string) (report startReport, pid int, err error) {
	dir := r.Dir(id)
	if waited := r.takeSpare(dir); waited != nil {
		report, err = hear(waited.report, waited.pid)
		if err == nil || exists(filepath.Join(dir, shimFile)) {
			return report, waited.pid, err
		}
		// It died before it had the worker: another one may.
	}
	log, err := openShimLog(dir)
	if err != nil {
		return startReport{}, 0, err
	}
	defer func() { _ = log.Close() }()
	pipe, pid, err := r.startShim(log, []string{dir})
	if err != nil {
		return startReport{}, 0, err
	}
	report, err = hear(pipe, pid)
	return report, pid, err
}

// hear reads a shim's report. A shim that made none is gone when hear returns.
func hear(pipe *os.File, pid int) (startReport, error) {
	defer func() { _ = pipe.Close() }()
	report, err := readReport(pipe)
	if err != nil {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		_, _ = syscall.Wait4(pid, nil, 0, nil)
	}
	return report, err
}

// startShim starts a shim in a session of its own, so that no signal to the agent reaches it. It has its report and the
// files.
func (r *Runtime) startShim(log *os.File, args []string, files ...*os.File) (report *os.File, pid int, err error) {
	report, write, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = write.Close() }()
	cmd := r.shimCommand(log, args, append([]*os.File{write}, files...))
	if err := cmd.Start(); err != nil {
		_ = report.Close()
		return nil, 0, err
	}
	pid = cmd.Process.Pid
	return report, pid, cmd.Process.Release() // a watcher reaps it
}

// shimCommand returns the command of a shim, which has the files from reportFD on.
func (r *Runtime) shimCommand(log *os.File, args []string, files []*os.File) *exec.Cmd {
	cmd := exec.Command(r.config.Executable, append([]string{"shim"}, args...)...)
	// It sleeps nearly always; and built with the race detector it is not to linger for a second after the worker's end.
	cmd.Env = []string{"GOMAXPROCS=1", "GORACE=atexit_sleep_ms=0"}
	cmd.Dir = "/"
	if log != nil {
		cmd.Stdout = log
		cmd.Stderr = log
	}
	cmd.ExtraFiles = files
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if r.apart {
		cmd.SysProcAttr.Cloneflags = sandbox.Namespaces
	}
	return cmd
}

// refuse records the end of a worker that never ran.
func (r *Runtime) refuse(id string, exit Exit) *Refusal {
	if err := r.RecordEnd(id, exit); err != nil {
		r.config.Logger.Error("cannot record a worker's end", "worker", id, "error", err)
	}
	return &Refusal{Exit: exit}
}

// RecordEnd records the end of a worker that never ran, so that it is found after a restart.
func (r *Runtime) RecordEnd(id string, exit Exit) error {
	return writeJSON(filepath.Join(r.Dir(id), exitFile), exit)
}
