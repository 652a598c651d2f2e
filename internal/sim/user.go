package sim

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
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
	body               *specv1.JobRun
	run                string // once it is known
}

// capacity is so many workers of so many vCPU with 4 GiB each.
func capacity(count, cpu int64) *specv1.InitialCapacity {
	return specv1.InitialCapacity_builder{
		WorkerCount: &count,
		WorkerSize:  specv1.WorkerSize_builder{MilliCpu: new(cpu * 1000), MemoryMib: new(cpu * 4096)}.Build(),
	}.Build()
}

// specs are two applications of the PROCESS engine, one of them with a limit, and two of Spark, one of them with a
// queue. Those with a limit or a queue hold workers ready.
func specs() []specv1.Application_builder {
	const process, spark = specv1.Engine_ENGINE_PROCESS, specv1.Engine_ENGINE_SPARK
	by := specv1.AutoStart_builder{Enabled: new(false)}.Build()
	never := specv1.AutoStop_builder{Enabled: new(false)}.Build()
	minute := specv1.AutoStop_builder{IdleTimeoutMinutes: new(int64(1))}.Build()
	return []specv1.Application_builder{
		{Engine: new(process), AutoStart: by, AutoStop: never},
		{
			Engine:          new(process),
			AutoStop:        minute,
			MaximumCapacity: specv1.MaximumCapacity_builder{MilliCpu: new(int64(7000)), MemoryMib: new(int64(64 << 10))}.Build(),
			InitialCapacity: map[string]*specv1.InitialCapacity{"Driver": capacity(1, 1), "Task": capacity(2, 1)},
		},
		{Engine: new(spark), ReleaseLabel: new(sparkRelease), AutoStop: never},
		{
			Engine:      new(process),
			AutoStop:    never,
			Constraints: []string{"disk == nvme"},
			Preferences: []string{"zone == a"},
			Spread:      new("node"),
		},
		{
			Engine:          new(spark),
			ReleaseLabel:    new(sparkRelease),
			AutoStop:        minute,
			Constraints:     []string{"disk exists"},
			Spread:          new("zone"),
			InitialCapacity: map[string]*specv1.InitialCapacity{"Driver": capacity(2, 1), "Executor": capacity(4, 2)},
			Scheduler: specv1.Scheduler_builder{
				MaxConcurrentRuns:   new(uint32(2)),
				QueueTimeoutMinutes: new(int64(1)),
			}.Build(),
		},
	}
}

func (u *users) createApplications() {
	for i, decided := range specs() {
		decided.Weight = new(int64(1 + i))
		decided.Priority = new(uint32(40 + 10*i))
		create := &command.CreateApplication{
			Request:   requestOf("CreateApplication", fmt.Sprint("app", i)),
			Spec:      spec.DefaultApplication(decided.Build()),
			CreatedBy: "ann",
			Operator:  true,
		}
		u.createApplication(create)
	}
}

func requestOf(operation, token string) command.Request {
	sum := sha256.Sum256([]byte(token))
	return command.Request{
		Operation:   operation,
		ID:          token,
		Token:       true,
		Fingerprint: sum[:],
	}
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
	body := specv1.JobRun_builder{
		Name:        &s.token,
		RetryPolicy: specv1.RetryPolicy_builder{MaxAttempts: new(uint32(1 + w.random.IntN(3)))}.Build(),
		Tags:        map[string]string{"n": s.token, "by": "sim"},
	}
	if w.chance(20) {
		body.OnDisconnect = new(specv1.OnDisconnect_ON_DISCONNECT_KEEP)
	}
	if w.chance(10) {
		body.Mode = new(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		body.RetryPolicy = specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(2))}.Build()
	}
	if w.chance(20) {
		body.ExecutionTimeoutMinutes = new(int64(1))
	}
	if w.chance(40) {
		body.Priority = new(uint32(w.random.IntN(40)))
	}
	if w.view().Application(s.application).Engine == state.EngineSpark {
		body.Driver, body.ConfigurationOverrides = u.drawSpark()
	} else {
		body.Driver = u.drawProcess()
	}
	s.body = spec.DefaultJobRun(body.Build())
	u.submissions = append(u.submissions, s)
	return s
}

func (u *users) drawSpark() (*specv1.JobDriver, *specv1.ConfigurationOverrides) {
	program := specv1.SparkSubmit_builder{
		EntryPoint: new("file:///count.py"),
		SparkSubmitParameters: new(
			fmt.Sprintf("--conf spark.executor.cores=1 --conf spark.executor.memory=2g --conf spark.driver.cores=1 "+
				"--conf spark.driver.memory=2g --conf spark.executor.instances=%d", u.world.random.IntN(4)),
		),
	}.Build()
	driver := specv1.JobDriver_builder{SparkSubmit: program}.Build()
	if !u.world.chance(50) {
		return driver, nil
	}
	paced := specv1.Configuration_builder{
		Classification: new("spark"),
		Properties:     map[string]string{"dynamicAllocationOptimization": "true"},
	}.Build()
	return driver, specv1.ConfigurationOverrides_builder{ApplicationConfiguration: []*specv1.Configuration{paced}}.Build()
}

func (u *users) drawProcess() *specv1.JobDriver {
	tasks := u.world.random.IntN(5)
	retries := u.world.random.IntN(3)
	cpu := int64(1 + u.world.random.IntN(2))
	if u.world.chance(15) { // most of a zone
		tasks = 5 + u.world.random.IntN(2)
		cpu = 2
	}
	size := specv1.ProcessSize_builder{MilliCpu: new(cpu * 1000), MemoryMib: new(cpu * 4096)}.Build()
	program := specv1.Process_builder{
		Command:     []string{"work"},
		Tasks:       new(uint32(tasks)),
		TaskRetries: new(uint32(retries)),
		Environment: map[string]string{"A": "1", "B": "2"},
		DriverSize:  size,
		TaskSize:    size,
	}.Build()
	return specv1.JobDriver_builder{Process: program}.Build()
}

func (u *users) command(s *submission) *command.StartJobRun {
	return &command.StartJobRun{
		Request:       requestOf("StartJobRun", s.token),
		ApplicationID: s.application,
		Spec:          s.body,
		CreatedBy:     "ann",
	}
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
