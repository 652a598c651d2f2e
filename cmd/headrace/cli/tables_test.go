package cli

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func amount(cpu, memory, disk int64) *controlv1.Resources {
	return &controlv1.Resources{MilliCpu: cpu, MemoryMib: memory, DiskMib: disk}
}

func anApplication() *controlv1.Application {
	return &controlv1.Application{
		ApplicationId:  "01app",
		Arn:            "arn:aws:emr-serverless:us-east-1:000000000000:/applications/01app",
		Spec:           anApplicationSpec(),
		State:          "STARTED",
		CreatedAt:      ago(3 * time.Hour),
		UpdatedAt:      ago(time.Minute),
		CreatedBy:      "ann",
		UpdatedBy:      "ops-1",
		UnfinishedRuns: 2,
		Used:           amount(10000, 40<<10, 120<<10),
		QueuedRuns:     1,
		Pools: []*controlv1.Pool{
			{WorkerType: "DRIVER", Wanted: 2, Held: 2, Ready: 2, InUse: 1, Warm: 1},
			{WorkerType: "EXECUTOR", Wanted: 50, Held: 48, Ready: 40, InUse: 12, WarmInUse: 9, Warm: 20, Rehearsing: 6},
		},
	}
}

func anApplicationSpec() *specv1.Application {
	return specv1.Application_builder{
		Name:         new("reports"),
		Engine:       specv1.Engine_ENGINE_SPARK.Enum(),
		ReleaseLabel: new("emr-7.2.0"),
		Architecture: specv1.Architecture_ARCHITECTURE_X86_64.Enum(),
		InitialCapacity: map[string]*specv1.InitialCapacity{
			"DRIVER":   ready(2, 4000, 16<<10, 20<<10, specv1.DiskType_DISK_TYPE_STANDARD),
			"Executor": ready(50, 4000, 8<<10, 500<<10, specv1.DiskType_DISK_TYPE_SHUFFLE_OPTIMIZED),
		},
		MaximumCapacity: maximumOf(400000, 3<<20, 0),
		AutoStart:       specv1.AutoStart_builder{Enabled: new(true)}.Build(),
		AutoStop:        specv1.AutoStop_builder{Enabled: new(true), IdleTimeoutMinutes: new(int64(15))}.Build(),
		Scheduler: specv1.Scheduler_builder{
			MaxConcurrentRuns:   new(uint32(15)),
			QueueTimeoutMinutes: new(int64(360)),
		}.Build(),
		RuntimeConfiguration: settingsOf(),
		Monitoring:           logsTo("s3://logs/app"),
		Weight:               new(int64(1)),
		Tags:                 map[string]string{"team": "b", "cost": "a"},
	}.Build()
}

// ready returns workers that are held ready; without a type of disk: the default.
func ready(count, cpu, memory, disk int64, kind specv1.DiskType) *specv1.InitialCapacity {
	size := specv1.WorkerSize_builder{MilliCpu: &cpu, MemoryMib: &memory, DiskMib: &disk}.Build()
	if kind != specv1.DiskType_DISK_TYPE_UNSPECIFIED {
		size.SetDiskType(kind)
	}
	return specv1.InitialCapacity_builder{WorkerCount: &count, WorkerSize: size}.Build()
}

// most returns a limit; a part that is 0 has none.
func maximumOf(cpu, memory, disk int64) *specv1.MaximumCapacity {
	return specv1.MaximumCapacity_builder{
		MilliCpu:  orNone(cpu),
		MemoryMib: orNone(memory),
		DiskMib:   orNone(disk),
	}.Build()
}

// logsTo returns where logs go; an empty place removes what was inherited.
func logsTo(uri string) *specv1.Monitoring {
	s3 := &specv1.S3Monitoring{}
	if uri != "" {
		s3.SetLogUri(uri)
	}
	return specv1.Monitoring_builder{S3: s3}.Build()
}

// settingsOf are settings of which one is a secret and one refers to a secret.
func settingsOf() []*specv1.Configuration {
	return []*specv1.Configuration{classified("spark-defaults", map[string]string{
		"spark.executor.cores":           "2",
		"spark.hadoop.fs.s3a.secret.key": "hunter2",
		"spark.my.password":              "EMR.secret@db",
	})}
}

func classified(name string, properties map[string]string) *specv1.Configuration {
	return specv1.Configuration_builder{Classification: &name, Properties: properties}.Build()
}

func aRun() *controlv1.JobRun {
	return &controlv1.JobRun{
		JobRunId:      "01run",
		ApplicationId: "01app",
		Spec: specv1.JobRun_builder{
			Name:                    new("count"),
			Driver:                  sparkDriver("file:///data/count.py", ""),
			ExecutionTimeoutMinutes: new(int64(720)),
			Mode:                    specv1.JobRunMode_JOB_RUN_MODE_BATCH.Enum(),
			RetryPolicy:             specv1.RetryPolicy_builder{MaxAttempts: new(uint32(3))}.Build(),
			OnDisconnect:            specv1.OnDisconnect_ON_DISCONNECT_FENCE.Enum(),
		}.Build(),
		State:                  "RUNNING",
		StateDetails:           "the last attempt failed: node zone-a-1 was lost",
		Attempt:                2,
		ReleaseLabel:           "emr-7.2.0",
		CreatedBy:              "ann",
		CreatedAt:              ago(10 * time.Minute),
		UpdatedAt:              ago(time.Minute),
		StartedAt:              ago(9 * time.Minute),
		DriverSize:             amount(4000, 16<<10, 20<<10),
		WorkerSize:             amount(2000, 8<<10, 20<<10),
		InitialWorkers:         3,
		Priority:               40,
		LiveWorkers:            4,
		EffectiveConfiguration: settingsOf(),
		EffectiveMonitoring:    logsTo("s3://logs/run"),
		TotalUtilization:       &controlv1.Utilization{VcpuHours: 1.5, MemoryGbHours: 6.25, StorageGbHours: 3},
		BilledUtilization:      &controlv1.Utilization{VcpuHours: 1.6, MemoryGbHours: 6.5, StorageGbHours: 0.125},
	}
}

// sparkDriver returns a Spark program.
func sparkDriver(entryPoint, parameters string, arguments ...string) *specv1.JobDriver {
	program := specv1.SparkSubmit_builder{EntryPoint: &entryPoint, EntryPointArguments: arguments}.Build()
	if parameters != "" {
		program.SetSparkSubmitParameters(parameters)
	}
	return specv1.JobDriver_builder{SparkSubmit: program}.Build()
}

// tool is an application of another engine that has no name.
func tool() *controlv1.Application {
	return &controlv1.Application{
		ApplicationId: "01tool",
		Spec:          specv1.Application_builder{Engine: specv1.Engine_ENGINE_PROCESS.Enum()}.Build(),
		State:         "CREATED",
		CreatedAt:     ago(2 * time.Second),
	}
}

func world() map[string]proto.Message {
	return map[string]proto.Message{
		"GetApplication": &controlv1.GetApplicationResponse{Application: anApplication(), Record: 41},
		"ListApplications": &controlv1.ListApplicationsResponse{
			Record:       41,
			Applications: []*controlv1.Application{anApplication(), tool()},
		},
		"GetJobRun":   &controlv1.GetJobRunResponse{JobRun: aRun(), Record: 42},
		"ListJobRuns": &controlv1.ListJobRunsResponse{JobRuns: []*controlv1.JobRun{aRun()}, Record: 42},
		"ListJobRunAttempts": &controlv1.ListJobRunAttemptsResponse{
			Attempts: []*controlv1.Attempt{
				{
					Attempt: 1,
					State:   "FAILED",
					Zone:    "zone-a",
					Failure: &controlv1.Failure{
						Kind:    "LOST_NODE",
						Message: "node zone-a-1 was lost",
					},
					CreatedAt:   ago(10 * time.Minute),
					ScheduledAt: ago(10*time.Minute - 310*time.Millisecond),
					RunningAt:   ago(9 * time.Minute),
					EndedAt:     ago(5 * time.Minute),
				},
				{
					Attempt:     2,
					State:       "RUNNING",
					Zone:        "zone-b",
					CreatedAt:   ago(5 * time.Minute),
					ScheduledAt: ago(5 * time.Minute),
					RunningAt:   ago(4 * time.Minute),
				},
			},
		},
		"ListWorkers": &controlv1.ListWorkersResponse{Workers: []*controlv1.Worker{
			{
				Type:        "DRIVER",
				Attempt:     1,
				State:       "ENDED",
				Zone:        "zone-a",
				NodeName:    "zone-a-1",
				Size:        amount(4000, 16<<10, 20<<10),
				RunningAt:   ago(9 * time.Minute),
				EndedAt:     ago(5 * time.Minute),
				ExitReason:  "NODE_LOST",
				ExitMessage: "its lease ended",
			},
			{
				Type:      "DRIVER",
				Attempt:   2,
				State:     "RUNNING",
				Zone:      "zone-b",
				NodeName:  "zone-b-2",
				Size:      amount(4000, 16<<10, 20<<10),
				RunningAt: ago(4 * time.Minute),
			},
			{
				Type:       "EXECUTOR",
				Number:     12,
				Attempt:    2,
				State:      "ENDED",
				Zone:       "zone-b",
				NodeName:   "zone-b-1",
				Size:       amount(500, 2<<10, 20<<10),
				RunningAt:  ago(3 * time.Minute),
				EndedAt:    ago(2 * time.Minute),
				ExitReason: "EXITED",
				ExitCode:   143,
			},
		}},
		"ExplainJobRun": &controlv1.ExplainJobRunResponse{
			Priority: 40,
			State:    "PENDING",
			WaitsFor: "NO_ROOM",
			Message:  "needs 16 vCPU in one zone, the most that is free is 12 in zone-b",
			Needs:    amount(16000, 64<<10, 80<<10),
			Holders: []*controlv1.Holder{{
				JobRunId:      "01other",
				ApplicationId: "01app",
				Holds:         amount(20000, 80<<10, 100<<10),
			}},
			NextStep: "wait until run 01other ends, or cancel it: headrace job-run cancel 01app 01other",
		},
		"GetNode": &controlv1.GetNodeResponse{
			Node: aNode(),
			Workers: []*controlv1.Worker{{
				JobRunId: "01run",
				Type:     "TASK",
				Number:   3,
				State:    "PLACED",
				Size:     amount(1000, 2<<10, 0),
			}},
		},
		"ListNodes": &controlv1.ListNodesResponse{
			Nodes: []*controlv1.Node{
				aNode(),
				{
					NodeId:       "01n2",
					Name:         "zone-b-1",
					Zone:         "zone-b",
					State:        "LOST",
					Service:      "DRAINED",
					Capacity:     amount(8000, 32<<10, 200<<10),
					RegisteredAt: ago(50 * time.Hour),
					LastHeardAt:  ago(50 * time.Hour),
				},
				{
					NodeId:            "01n3",
					Name:              "zone-c-1",
					Zone:              "zone-c",
					State:             "NOT_APPROVED",
					Service:           "SET_ASIDE",
					Capacity:          amount(8000, 32<<10, 200<<10),
					RegisteredAt:      ago(time.Minute),
					JoinedAt:          ago(time.Minute),
					CertificateName:   "zone-c-1",
					CertificateSha256: strings.Repeat("fedcba9876543210", 4),
					HeldBack:          true,
				},
			},
		},
		"CordonNode":  &controlv1.CordonNodeResponse{Node: aDrainingNode(), Record: 44},
		"DrainNode":   &controlv1.DrainNodeResponse{Node: aDrainingNode(), Record: 45},
		"ApproveNode": &controlv1.ApproveNodeResponse{Node: aNode(), Record: 43},
		"ListSegments": &controlv1.ListSegmentsResponse{
			Segments: []*controlv1.Segment{{
				Digest:         strings.Repeat("0123456789abcdef", 4),
				SizeBytes:      1_234_567,
				JobRuns:        4096,
				FirstCreatedAt: ago(50 * time.Hour),
				LastCreatedAt:  ago(25 * time.Hour),
				FirstEndedAt:   ago(49 * time.Hour),
				LastEndedAt:    ago(24 * time.Hour),
			}},
			Record:          43,
			AllSegments:     1,
			AllJobRuns:      4096,
			AllBytes:        1_234_567,
			FinishedInState: 17,
		},
		"GetClusterStatus": &controlv1.GetClusterStatusResponse{
			ClusterId:        "01cluster",
			AnsweredBy:       "server-2",
			Term:             3,
			Record:           42,
			NodesReady:       6,
			NodesNotApproved: 1,
			NodesNotIsolated: 2,
			UnfinishedRuns:   1,
			LiveWorkers:      4,
			Capacity:         amount(48000, 192<<10, 1200<<10),
			Used:             amount(10000, 40<<10, 80<<10),
			Servers: []*controlv1.Server{
				{
					ServerId:      "server-1",
					RaftAddress:   "127.0.0.1:7402",
					GrpcAddress:   "127.0.0.1:7401",
					Leader:        true,
					Voter:         true,
					Alive:         true,
					Version:       "v0.1.0",
					AppliedRecord: 42,
				},
				{ServerId: "server-2", RaftAddress: "127.0.0.1:7412", GrpcAddress: "127.0.0.1:7411", Voter: true},
				{
					ServerId:    "server-3",
					RaftAddress: "127.0.0.1:7422",
					GrpcAddress: "127.0.0.1:7421",
					Alive:       true,
					Outside:     "server server-3 was removed from the cluster: stop it",
				},
			},
		},
		"ListReleases": &controlv1.ListReleasesResponse{Releases: []*controlv1.Release{
			{
				Label:         "emr-6.15.0",
				Engine:        specv1.Engine_ENGINE_SPARK,
				EngineVersion: "3.4.1",
				NotRunnable:   "no node holds it: headrace release fetch emr-6.15.0",
				SparkVersion:  "3.4.1",
				HiveVersion:   "3.1.3",
				TezVersion:    "0.10.2",
				JavaVersions:  []uint32{8, 11, 17},
				PythonMin:     "3.7",
				PythonMax:     "3.11",
			},
			{
				Label:         "emr-7.2.0",
				Engine:        specv1.Engine_ENGINE_SPARK,
				EngineVersion: "3.5.1",
				Cached:        true,
				SizeBytes:     383_000_000,
				Nodes:         6,
				SparkVersion:  "3.5.1",
				HiveVersion:   "3.1.3",
				TezVersion:    "0.10.2",
				JavaVersions:  []uint32{8, 11, 17},
				PythonMin:     "3.8",
				PythonMax:     "3.12",
				NodeNames:     []string{"zone-a-1", "zone-a-2", "zone-b-1", "zone-b-2", "zone-c-1", "zone-c-2"},
			},
			{
				Label:         "spark-nightly",
				Engine:        specv1.Engine_ENGINE_SPARK,
				EngineVersion: "4.0.0",
				SparkVersion:  "4.0.0",
				Cached:        true,
				SizeBytes:     410_000_000,
				Nodes:         1,
				AddedBy:       "ops-1",
				NodeNames:     []string{"zone-a-1"},
				Custom:        true,
			},
		}},
		"GetWorker": &controlv1.GetWorkerResponse{Worker: aWorker(), Launch: aLaunch()},
		"CreateAccessKey": &controlv1.CreateAccessKeyResponse{
			AccessKey:       aKey("bob"),
			SecretAccessKey: strings.Repeat("S", 40),
			Record:          42,
		},
		"ListAccessKeys": &controlv1.ListAccessKeysResponse{
			AccessKeys: []*controlv1.AccessKey{aKey("bob"), aKey("ann")},
			Record:     42,
		},
		"RevokeAccessKey": &controlv1.RevokeAccessKeyResponse{Record: 42},
		"ListTags":        &controlv1.ListTagsResponse{Tags: map[string]string{"team": "b", "cost": ""}},
	}
}

func aKey(user string) *controlv1.AccessKey {
	return &controlv1.AccessKey{
		AccessKeyId: "HRAK" + strings.Repeat("K", 16),
		User:        user,
		CreatedBy:   "local",
		CreatedAt:   ago(3 * time.Hour),
	}
}

func aWorker() *controlv1.Worker {
	return &controlv1.Worker{
		WorkerId:        "01worker",
		JobRunId:        "01run",
		ApplicationId:   "01app",
		Attempt:         2,
		Type:            "EXECUTOR",
		Number:          3,
		State:           "ENDED",
		NodeName:        "zone-a-1",
		Zone:            "zone-a",
		Size:            amount(4000, 8<<10, 20<<10),
		DiskType:        "STANDARD",
		SlotId:          "01slot",
		PlacedAt:        ago(5 * time.Minute),
		RunningAt:       ago(4 * time.Minute),
		EndedAt:         ago(time.Minute),
		ExitReason:      "OUT_OF_MEMORY",
		ExitMessage:     "it used 8.3 GB of 8 GB",
		PeakMemoryBytes: 8_912_896_000,
	}
}

func aLaunch() *controlv1.Launch {
	return &controlv1.Launch{
		Command: []string{
			"/opt/java/bin/java", "-cp", "/opt/spark/jars/*", "-Dpassword=hunter2", "-Dgreeting=it's me",
			"org.example.Main", "",
		},
		Environment: map[string]string{
			"SPARK_HOME": "/opt/spark",
			"JAVA_OPTS":  "-Xmx4g -ea",
			"API_TOKEN":  "(hidden)",
		},
		Directory: "/var/lib/headrace/workers/01worker",
		Files: []*controlv1.LaunchFile{
			{
				Path:      "conf/spark-defaults.conf",
				SizeBytes: 44,
				Content:   "spark.executor.cores 2\nspark.ui.enabled false\n",
			},
			{Path: "count.py", Source: "file:///data/count.py", SizeBytes: 1200},
		},
	}
}

func aDrainingNode() *controlv1.Node {
	n := aNode()
	n.Service = "DRAINING"
	n.ServiceReason = "a new kernel"
	n.ServiceBy = "ann"
	n.ServiceSince = ago(time.Minute)
	n.DrainDeadline = ago(-time.Hour)
	n.DrainDrivers = "WAIT"
	n.Failures = []*controlv1.NodeFailure{{Kind: "LOST", FailedAt: ago(5 * time.Minute)}}
	return n
}

func aNode() *controlv1.Node {
	return &controlv1.Node{
		NodeId:            "01n1",
		Name:              "zone-a-1",
		Zone:              "zone-a",
		State:             "READY",
		Service:           "OPEN",
		Capacity:          amount(8000, 32<<10, 200<<10),
		Used:              amount(4500, 18<<10, 40<<10),
		Workers:           2,
		Slots:             3,
		JavaVersions:      []uint32{11, 17},
		PythonVersion:     "3.11.2",
		Labels:            map[string]string{"rack": "r1", "disk": "nvme"},
		Releases:          []string{"emr-7.2.0"},
		Architecture:      "X86_64",
		Host:              "127.0.0.1",
		AgentVersion:      "v0.1.0",
		RegisteredAt:      ago(90 * time.Second),
		JoinedAt:          ago(70 * time.Hour),
		CertificateName:   "zone-a-1",
		CertificateSha256: strings.Repeat("0123456789abcdef", 4),
		Isolation:         "SANDBOX",
		IsolationGaps:     []string{"workers reach each other's ports: they have one user"},
		SharedDirectories: []string{"/data", "/srv/shared"},
	}
}

func TestCommands_ShowTables(t *testing.T) {
	server := answers(world()).Start(t)
	for name, line := range map[string]string{
		"application-get":  "application get 01app",
		"application-list": "application list",
		"job-run-get":      "job-run get 01app 01run",
		"job-run-list":     "job-run list 01app",
		"job-run-explain":  "job-run explain 01app 01run",
		"node-get":         "node get zone-a-1",
		"node-list":        "node list",
		"node-cordon":      "node cordon zone-a-1",
		"node-drain":       "node drain zone-a-1 --wait=false",
		"node-approve":     "node approve zone-a-1 --certificate 0123",
		"cluster-status":   "cluster status", "release-list": "release list", "worker-get": "worker get 01worker",
		"history-stats":     "history stats --segments",
		"worker-list":       "worker list 01app 01run",
		"job-run-attempts":  "job-run attempts 01app 01run",
		"tag-list":          "tag list 01app 01run",
		"access-key-create": "access-key create --user bob",
		"access-key-list":   "access-key list",
		"access-key-revoke": "access-key revoke HRAKKKKK",
	} {
		for form, suffix := range map[string]string{"table": ".txt", "json": ".json"} {
			r := command(t.Context(), server, append(strings.Fields(line), "--output", form)...)
			if r.failed != nil {
				t.Errorf("%s: %v", line, r.failed)
			}
			golden(t, name+suffix, r.out.Bytes())
		}
	}
}

func TestCommands_ReadAllPages(t *testing.T) {
	server := answers(nil)
	server.Answer = pagesOf(3)
	r := command(t.Context(), server.Start(t), "application", "list")
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	for _, id := range []string{"page-0", "page-1", "page-2"} {
		if !strings.Contains(r.out.String(), id) {
			t.Errorf("output lacks %s:\n%s", id, r.out.String())
		}
	}
}
