package sim

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/server/command"
)

const sparkRelease = "emr-7.2.0"

// users submit, cancel, start, stop and change, and repeat what they got no answer to.
type users struct {
	world        *world
	applications []string
	submissions  []*submission
}

// submission is what a user asked for under a client token.
type submission struct {
	token, application string
	body               *state.Submission
	size               state.Size
	run                string // once it is known
}

// size is of so many vCPU with 4 GiB each.
func size(cpu int64) state.Size {
	return state.Size{Vector: resource.Vector{MilliCPU: cpu * 1000, MemoryMiB: cpu * 4096, DiskMiB: 20 << 10}, Disk: resource.DiskStandard}
}

// specs are two applications of the PROCESS engine, one of them with a limit, and two of Spark, one of them with a queue. Those
// with a limit or a queue hold workers ready.
func specs() []state.Application {
	return []state.Application{
		{Engine: state.EngineProcess, Release: command.ProcessRelease},
		{Engine: state.EngineProcess, Release: command.ProcessRelease, Limit: resource.Vector{MilliCPU: 7000, MemoryMiB: 64 << 10}, IdleTimeout: 10 * time.Second,
			AutoStart: true, Initial: []state.InitialCapacity{{Type: state.TypeDriver, Count: 1, Size: size(1)}, {Type: state.TypeTask, Count: 2, Size: size(1)}}},
		{Engine: state.EngineSpark, Release: sparkRelease, AutoStart: true},
		{Engine: state.EngineSpark, Release: sparkRelease, AutoStart: true, MaxRuns: 2, IdleTimeout: time.Minute,
			Initial: []state.InitialCapacity{{Type: state.TypeDriver, Count: 2, Size: size(1)}, {Type: state.TypeExecutor, Count: 4, Size: size(2)}}},
	}
}

func (u *users) createApplications() {
	for i, spec := range specs() {
		spec.Weight, spec.Architecture, spec.QueueTimeout = int64(1+i), "X86_64", time.Minute
		u.createApplication(&command.CreateApplication{Request: requestOf("CreateApplication", fmt.Sprint("app", i)), Spec: spec, CreatedBy: "ann"})
	}
}

func requestOf(operation, token string) command.Request {
	sum := sha256.Sum256([]byte(token))
	return command.Request{Operation: operation, ID: token, Token: true, Fingerprint: sum[:]}
}

func (u *users) createApplication(c *command.CreateApplication) {
	u.world.execute(c.Decide, func(err error) {
		if err != nil {
			u.createApplication(c)
			return
		}
		u.applications = append(u.applications, c.ApplicationID)
		u.start(c.ApplicationID)
	})
}

// act lets a user do something.
func (u *users) act() {
	if !u.world.faults || len(u.applications) == 0 {
		return
	}
	switch luck := u.world.random.IntN(100); {
	case luck < 60 || len(u.submissions) == 0:
		u.submit(u.draw())
	case luck < 70:
		u.submit(u.any()) // again, under its token
	case luck < 75:
		u.abuse(u.any())
	case luck < 80:
		u.settle()
	case luck < 88:
		u.cancel(u.any())
	case luck < 94:
		u.start(u.application())
	default:
		stop := &command.StopApplication{ApplicationID: u.application(), Force: u.world.chance(50)}
		u.world.execute(stop.Decide, func(error) {})
	}
}

func (u *users) any() *submission { return u.submissions[u.world.random.IntN(len(u.submissions))] }

func (u *users) application() string {
	return u.applications[u.world.random.IntN(len(u.applications))]
}

func (u *users) start(application string) {
	u.world.execute((&command.StartApplication{ApplicationID: application}).Decide, func(error) {})
}

// draw makes a submission that an application can run.
func (u *users) draw() *submission {
	w := u.world
	s := &submission{token: fmt.Sprintf("token-%d", len(u.submissions)), application: u.application()}
	s.body = &state.Submission{Name: s.token, ExecutionRole: "default", MaxAttempts: uint32(1 + w.random.IntN(3)), Keep: w.chance(20)}
	if w.chance(10) {
		s.body.Streaming, s.body.MaxFailures = true, 2
	}
	if w.chance(20) {
		s.body.Timeout = time.Minute
	}
	if w.view().Application(s.application).Engine == state.EngineSpark {
		s.body.Spark = &state.SparkSubmit{EntryPoint: "file:///count.py", Parameters: fmt.Sprintf(
			"--conf spark.executor.cores=1 --conf spark.executor.memory=2g --conf spark.driver.cores=1 --conf spark.driver.memory=2g --conf spark.executor.instances=%d", w.random.IntN(4))}
		if w.chance(50) {
			s.body.Configuration = []state.Configuration{{Classification: "spark", Properties: map[string]string{"dynamicAllocationOptimization": "true"}}}
		}
	} else {
		s.body.Process = &state.Process{Command: []string{"work"}, Tasks: uint32(w.random.IntN(5)), TaskRetries: uint32(w.random.IntN(3)),
			Environment: map[string]string{"A": "1", "B": "2"}}
		s.size = size(int64(1 + w.random.IntN(2)))
	}
	u.submissions = append(u.submissions, s)
	return s
}

func (u *users) command(s *submission) *command.StartJobRun {
	return &command.StartJobRun{Request: requestOf("StartJobRun", s.token), ApplicationID: s.application, Submission: s.body,
		Tags: map[string]string{"n": s.token, "by": "sim"}, DriverSize: s.size, WorkerSize: s.size, CreatedBy: "ann"}
}

// submit asks until there is an answer, which is always the same (I9).
func (u *users) submit(s *submission) {
	c := u.command(s)
	u.world.execute(c.Decide, func(err error) {
		switch {
		case errs.Is(err, errs.Unknown):
			u.world.after(u.world.between(0, time.Second), func() { u.submit(s) })
		case err == nil && s.run != "" && s.run != c.JobRunID:
			u.world.fail("I9: token %s made the runs %s and %s", s.token, s.run, c.JobRunID)
		case err == nil && s.run == "":
			s.run = c.JobRunID
			u.world.checks.acked = append(u.world.checks.acked, s.run)
		case err != nil && s.run != "":
			u.world.fail("I9: token %s made run %s, and its repetition gives: %v", s.token, s.run, err)
		}
	})
}

// abuse uses a token for something else.
func (u *users) abuse(s *submission) {
	c := u.command(s)
	c.Request.Fingerprint = []byte("something else")
	known := s.run
	if known == "" {
		return
	}
	u.world.execute(c.Decide, func(err error) {
		if !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.Unknown) {
			u.world.fail("I9: token %s of run %s was used for another request: %v", s.token, known, err)
		}
	})
}

func (u *users) cancel(s *submission) {
	if s.run != "" {
		cancel := &command.CancelJobRun{ApplicationID: s.application, JobRunID: s.run}
		u.world.execute(cancel.Decide, func(error) {})
	}
}
