package fsm_test

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/event"
	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/label"
	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
)

// args are the words behind a verb: names, and key=value settings. A value may hold spaces when it is the last one.
type args struct {
	names    []string
	settings map[string]string
}

func parse(line string) (verb string, a args) {
	line, said, hasMessage := strings.Cut(line, " message=")
	words := strings.Fields(line)
	a.settings = map[string]string{}
	for _, word := range words[1:] {
		if key, value, found := strings.Cut(word, "="); found {
			a.settings[key] = value
		} else {
			a.names = append(a.names, word)
		}
	}
	if hasMessage {
		a.settings["message"] = said
	}
	return words[0], a
}

func (a args) first() string { return a.names[0] }

func (a args) has(flag string) bool {
	for _, name := range a.names {
		if name == flag {
			return true
		}
	}
	return false
}

func (a args) number(key string, otherwise int64) int64 {
	n, err := strconv.ParseInt(a.settings[key], 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

func (a args) resources() resource.Vector {
	return resource.Vector{
		MilliCPU:  a.number("cpu", 0) * 1000,
		MemoryMiB: a.number("mem", 0) << 10,
		DiskMiB:   a.number("disk", 0) << 10,
	}
}

// decision has one line per verb.
func (s *teller) decision(verb string, a args) decision {
	switch verb {
	case "init":
		return &command.InitializeCluster{Account: "000000000000", Region: "us-east-1"}
	case "release":
		return &command.AddRelease{Release: state.Release{
			Label:         a.first(),
			Engine:        state.EngineSpark,
			EngineVersion: "3.5.1",
			Digest:        []byte(a.settings["digest"]),
			SizeBytes:     7,
		}}
	case "node":
		return s.node(a)
	case "lose":
		return &command.LoseNode{Node: a.first(), Reason: "its lease ran out"}
	case "approve":
		return &command.ApproveNode{IDOrName: a.first(), ApprovedBy: "ann"}
	case "cordon", "uncordon", "drain", "cancel-drain", "advance", "try":
		return s.serviceDecision(verb, a)
	case "forget":
		return &command.ForgetNode{IDOrName: a.first(), By: "ann"}
	case "create":
		return s.create(a)
	case "start":
		return &command.StartApplication{ApplicationID: a.first(), By: "ann"}
	case "stop":
		return &command.StopApplication{ApplicationID: a.first(), Force: a.has("force"), By: "ann"}
	case "finish-stop":
		return &command.FinishStop{ApplicationID: a.first()}
	case "fail":
		return &command.FailAttempt{
			JobRunID: a.first(),
			Attempt:  uint32(a.number("attempt", 1)),
			Failure:  state.Failure{Kind: state.FailedUserError, Message: a.settings["message"]},
		}
	case "idle":
		return &command.StopIdleApplication{ApplicationID: a.first()}
	case "delete":
		return &command.DeleteApplication{ApplicationID: a.first(), By: "ann"}
	case "submit":
		return s.submit(a)
	case "cancel":
		grace := a.number("grace", 30)
		return &command.CancelJobRun{
			ApplicationID: s.applicationOf(a.first()),
			JobRunID:      a.first(),
			GraceSeconds:  &grace,
			By:            "bob",
		}
	case "expire":
		return &command.ExpireJobRun{JobRunID: a.first(), Waits: "no zone has room"}
	case "place":
		return s.place(a)
	case "evict": // run slot ...
		return &command.EvictSlots{JobRunID: a.first(), Attempt: 1, Slots: a.names[1:]}
	case "key":
		return s.createKey(a)
	case "revoke":
		return &command.RevokeAccessKey{Request: request("RevokeAccessKey", a), ID: a.first(), RevokedBy: "ann"}
	case "forget-application":
		return &command.ForgetApplication{ApplicationID: a.first()}
	case "archive":
		return s.archive(a)
	case "drop-history":
		return &command.DropHistory{}
	case "running", "exit":
		return s.report(verb, a)
	case "reserve", "ready", "update", "tag", "untag":
		return s.capacityDecision(verb, a)
	}
	panic(fmt.Sprintf("a story has no verb %q", verb))
}

func (s *teller) applicationOf(run string) string {
	if row := s.machine.View().JobRun(run); row != nil {
		return row.Application
	}
	return "app"
}

// node registers a node: zone=a cpu=8 mem=32 disk=200 [name=n] [cert=n day=1] [label=nvme]. Its inventory is what it
// should have, or nothing with empty.
func (s *teller) node(a args) *command.RegisterNode {
	c := &command.RegisterNode{Node: state.Node{
		ID:           a.first(),
		Name:         a.first() + ".example",
		Zone:         a.settings["zone"],
		Capacity:     a.resources(),
		Architecture: "X86_64",
		Host:         a.first(),
		AgentVersion: "0.1.0",
		BootID:       "boot-1",
		Releases:     []string{"emr-7.2.0"},
	}}
	if name := a.settings["name"]; name != "" {
		c.Node.Name = name
	}
	if disk := a.settings["label"]; disk != "" {
		c.Node.Labels = label.Of(map[string]string{"disk": disk, "rack": "r1"})
	}
	if cert := a.settings["cert"]; cert != "" {
		c.Node.Certificate = state.NodeCertificate{
			Name:   cert,
			SHA256: cert + "-of-" + a.settings["day"],
			Issued: began.AddDate(0, 0, int(a.number("day", 0))),
		}
	}
	if a.has("empty") {
		return c
	}
	for worker := range s.machine.View().LiveWorkersOfNode(a.first()) {
		c.Inventory = append(c.Inventory,
			command.WorkerStatus{
				WorkerID: worker.ID,
				Epoch:    worker.Epoch,
				Running:  worker.State == state.WorkerRunning,
			})
	}
	return c
}

// create makes an application: app [spark] [auto] [logs] and the settings of specify.
func (s *teller) create(a args) *command.CreateApplication {
	s.ids.next = a.first()
	decided := specv1.Application_builder{
		Name:      new(a.first()),
		Engine:    new(specv1.Engine_ENGINE_PROCESS),
		AutoStart: specv1.AutoStart_builder{Enabled: new(a.has("auto"))}.Build(),
		AutoStop:  specv1.AutoStop_builder{Enabled: new(false)}.Build(),
		Tags:      map[string]string{"team": "b", "cost": "a"},
	}
	if a.has("spark") {
		decided.Engine = new(specv1.Engine_ENGINE_SPARK)
		decided.ReleaseLabel = new("emr-7.2.0")
	}
	if a.has("logs") {
		decided.Monitoring = specv1.Monitoring_builder{
			S3: specv1.S3Monitoring_builder{LogUri: new("s3://logs")}.Build(),
		}.Build()
	}
	return &command.CreateApplication{
		Request:   request("CreateApplication", a),
		Spec:      specify(decided.Build(), a),
		CreatedBy: "ann",
		Operator:  true,
	}
}

// specify returns what was decided with what the words say: [cpu= mem= disk=] [idle=10] [runs=2 queue=30] [weight=2]
// [priority=60] [drivers=1 workers=2] [on=nvme].
func specify(was *specv1.Application, a args) *specv1.Application {
	decided := proto.CloneOf(was)
	if limit := a.resources(); !limit.IsZero() {
		decided.SetMaximumCapacity(specv1.MaximumCapacity_builder{
			MilliCpu:  &limit.MilliCPU,
			MemoryMib: &limit.MemoryMiB,
			DiskMib:   &limit.DiskMiB,
		}.Build())
	}
	if minutes := a.number("idle", 0); minutes > 0 {
		decided.SetAutoStop(specv1.AutoStop_builder{IdleTimeoutMinutes: &minutes}.Build())
	}
	if a.settings["runs"] != "" || a.settings["queue"] != "" {
		decided.SetScheduler(specv1.Scheduler_builder{
			MaxConcurrentRuns:   new(uint32(a.number("runs", 1000))),
			QueueTimeoutMinutes: new(a.number("queue", 30)),
		}.Build())
	}
	if disk := a.settings["on"]; disk != "" {
		decided.SetConstraints([]string{"disk == " + disk})
		decided.SetPreferences([]string{"rack == r1"})
		decided.SetSpread("rack")
	}
	if a.settings["weight"] != "" {
		decided.SetWeight(a.number("weight", 1))
	}
	if a.settings["priority"] != "" {
		decided.SetPriority(uint32(a.number("priority", 0)))
	}
	if a.settings["drivers"] != "" || a.settings["workers"] != "" {
		decided.SetInitialCapacity(pools(decided.GetEngine(), a))
	}
	return spec.DefaultApplication(decided)
}

// pools are slots of 2 vCPU and 4 GB.
func pools(engine specv1.Engine, a args) map[string]*specv1.InitialCapacity {
	workers := map[specv1.Engine]string{specv1.Engine_ENGINE_SPARK: "Executor", specv1.Engine_ENGINE_PROCESS: "Task"}
	all := map[string]*specv1.InitialCapacity{}
	for key, name := range map[string]string{"drivers": "Driver", "workers": workers[engine]} {
		if n := a.number(key, 0); n > 0 {
			all[name] = specv1.InitialCapacity_builder{
				WorkerCount: &n,
				WorkerSize:  specv1.WorkerSize_builder{MilliCpu: new(int64(2000)), MemoryMib: new(int64(4096))}.Build(),
			}.Build()
		}
	}
	return all
}

// createKey makes an access key: id [user=bob] [token=x].
func (s *teller) createKey(a args) *command.CreateAccessKey {
	request := request("CreateAccessKey", a)
	request.Fingerprint = []byte(a.settings["user"]) // ids are made anew by every repetition
	return &command.CreateAccessKey{
		Request:   request,
		ID:        a.first(),
		User:      a.settings["user"],
		Sealed:    []byte("sealed " + a.first()),
		CreatedBy: "ann",
	}
}

// request identifies a command: [token=x] [by=ann].
func request(operation string, a args) command.Request {
	return command.Request{
		Operation:   operation,
		By:          cmp.Or(a.settings["by"], "ann"),
		ID:          a.settings["token"],
		Token:       true,
		Fingerprint: []byte(a.first()),
	}
}

// submit starts a run: run app [tasks=2] [retries=1] [attempts=2] [streaming failures=3] [timeout=5] [keep]
// [priority=20] [token=x].
func (s *teller) submit(a args) *command.StartJobRun {
	if s.machine.View().JobRun(a.first()) == nil {
		s.ids.next = a.first()
	}
	body := specv1.JobRun_builder{
		Name:                    new(a.first()),
		RetryPolicy:             specv1.RetryPolicy_builder{MaxAttempts: new(uint32(a.number("attempts", 1)))}.Build(),
		ExecutionTimeoutMinutes: new(a.number("timeout", 0)),
		Driver:                  program(a),
		Tags:                    map[string]string{"run": a.first()},
	}
	if a.settings["priority"] != "" {
		body.Priority = new(uint32(a.number("priority", 0)))
	}
	if a.has("streaming") {
		body.Mode = new(specv1.JobRunMode_JOB_RUN_MODE_STREAMING)
		body.RetryPolicy = specv1.RetryPolicy_builder{MaxFailedAttemptsPerHour: new(uint32(a.number("failures",
			0)))}.Build()
	}
	if a.has("keep") {
		body.OnDisconnect = new(specv1.OnDisconnect_ON_DISCONNECT_KEEP)
	}
	return &command.StartJobRun{
		Request:       request("StartJobRun", a),
		ApplicationID: a.names[1],
		Spec:          spec.DefaultJobRun(body.Build()),
		CreatedBy:     "ann",
	}
}

func program(a args) *specv1.JobDriver {
	if a.has("spark") {
		return specv1.JobDriver_builder{SparkSubmit: specv1.SparkSubmit_builder{
			EntryPoint:            new("file:///count.py"),
			EntryPointArguments:   []string{"a", "b"},
			SparkSubmitParameters: new("--conf spark.executor.instances=2"),
		}.Build()}.Build()
	}
	return specv1.JobDriver_builder{Process: specv1.Process_builder{
		Command:     []string{"count", "words"},
		Tasks:       new(uint32(a.number("tasks", 0))),
		TaskRetries: new(uint32(a.number("retries", 0))),
		Environment: map[string]string{"LANG": "C"},
	}.Build()}.Build()
}

// place proposes nodes: run [driver=n1] [slot=w1] [slots=w2,w3] [n1*2 n2*1]; the zone is that of the first node.
func (s *teller) place(a args) *command.Place {
	run := s.machine.View().JobRun(a.first())
	c := &command.Place{JobRunID: a.first(), Driver: a.settings["driver"]}
	if run != nil {
		c.Attempt = run.Attempt
	}
	c.Shares = s.shares(a.names[1:])
	c.DriverSlot = a.settings["slot"]
	if list := a.settings["slots"]; list != "" {
		c.Slots = strings.Split(list, ",")
	}
	first := c.Driver
	if first == "" && len(c.Shares) > 0 {
		first = c.Shares[0].Node
	}
	if first == "" && len(c.Slots) > 0 {
		first = s.nodeOfSlot(c.Slots[0])
	}
	if node := s.machine.View().Node(first); node != nil {
		c.Zone = node.Zone
	}
	return c
}

// reasons are the exits that a story can tell.
func reasons(word string) state.ExitReason {
	for r := state.ExitExited; r <= state.ExitAccessDenied; r++ {
		if r.String() == word {
			return r
		}
	}
	return state.ExitExited
}

// report tells of a worker: run/number [attempt=1] [epoch=1] [starved=1] [code=1] [reason=OUT_OF_MEMORY] [message=...].
// A name without a slash is an id.
func (s *teller) report(verb string, a args) *command.ReportWorkers {
	worker := s.worker(a)
	if worker == nil {
		return &command.ReportWorkers{Node: "none"}
	}
	status := command.WorkerStatus{
		WorkerID: worker.ID,
		Epoch:    uint32(a.number("epoch", int64(worker.Epoch))),
		Running:  true,
		Starved:  a.number("starved", 0),
	}
	if verb == "exit" {
		status.Exit = &state.Exit{
			Reason:    reasons(a.settings["reason"]),
			Code:      int32(a.number("code", 0)),
			Message:   a.settings["message"],
			PeakBytes: 4096,
		}
	}
	return &command.ReportWorkers{Node: worker.Node, Statuses: []command.WorkerStatus{status}}
}

func (s *teller) worker(a args) *state.Worker {
	view := s.machine.View()
	run, number, found := strings.Cut(a.first(), "/")
	if !found {
		return view.Worker(a.first())
	}
	n, err := strconv.ParseUint(number, 10, 32)
	s.must(err)
	row := view.JobRun(run)
	if row == nil {
		return nil
	}
	return view.NewestWorker(run, uint32(a.number("attempt", int64(row.Attempt))), uint32(n))
}

// fact makes an event that no command of this version decides: forgotten app, or digested.
func (s *teller) fact(a args) *eventv1.Event {
	if a.first() == "forgotten" {
		return event.Wrap(&eventv1.ApplicationForgotten{ApplicationId: a.names[1]})
	}
	return event.Wrap(&eventv1.StateDigested{Sequence: s.machine.View().Sequence, Digest: []byte{1, 2, 3}})
}
