package agent

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/mask"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// describeWorker asks the agent how a worker was started.
func describeWorker(t *testing.T, s *testServer, id string) *agentv1.WorkerLaunch {
	t.Helper()
	stream := ask(t, s, &agentv1.DataResponse{Message: &agentv1.DataResponse_DescribeWorker{
		DescribeWorker: &agentv1.DescribeWorker{WorkerId: id},
	}})
	answer, err := stream.Recv()
	if err != nil || answer.GetWorkerLaunch() == nil {
		t.Fatalf("the answer is %v, %v", answer, err)
	}
	return answer.GetWorkerLaunch()
}

// fileOf returns a file of a launch; nil if it is not among them.
func fileOf(launch *agentv1.WorkerLaunch, path string) *agentv1.LaunchFile {
	for _, file := range launch.GetFiles() {
		if file.GetPath() == path {
			return file
		}
	}
	return nil
}

func TestDescribe_SaysHowARunningAndAnEndedWorkerWereStarted(t *testing.T) {
	server, _ := serve(t)
	config := configFor(t, server)
	_, stop := run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	w := script(idOf(t), "exec sleep 1000")
	w.GetProcess().Environment = map[string]string{"MINE": "1", "DB_PASSWORD": "hunter2", "URL": "http://u:hunter2@h"}
	w.GetProcess().Command = append(w.GetProcess().Command, "name", "token=hunter2", "--password", "hunter2")
	server.assign(t, complete(1, w))
	server.statusOf(t, w.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	launch := describeWorker(t, server, w.GetWorkerId())
	if strings.Contains(launch.String(), "hunter2") {
		t.Errorf("a secret is shown in %v", launch)
	}
	command, env := launch.GetCommand(), launch.GetEnvironment()
	if launch.GetError() != "" || len(command) != 7 || command[2] != "exec sleep 1000" ||
		command[4] != "token="+mask.Text {
		t.Errorf("the command is %q (%s)", command, launch.GetError())
	}
	if env["MINE"] != "1" || env["DB_PASSWORD"] != mask.Text || env["HEADRACE_WORKER_ID"] != w.GetWorkerId() {
		t.Errorf("the environment is %v", env)
	}
	if want := filepath.Join(config.DataDir, "homes", w.GetWorkerId(), "work"); launch.GetDirectory() != want {
		t.Errorf("the directory is %s, want %s", launch.GetDirectory(), want)
	}
	stop()
	run(t, config, Engines{})
	receive(t, "a second registration", server.registers)
	server.assign(t, complete(2, stopped(w)))
	server.statusOf(t, w.GetWorkerId(), agentv1.Phase_PHASE_ENDED)
	if again := describeWorker(t, server, w.GetWorkerId()); !proto.Equal(again, launch) {
		t.Errorf("after its end and a restart of the agent it is\n%v, was\n%v", again, launch)
	}
}

// propertiesText is a properties file with a secret in two places.
const propertiesText = "spark.authenticate.secret=%[1]s\nspark.app.name=me\nplain=%[1]s\n"

// leakyEngine writes the attempt's secret everywhere.
type leakyEngine struct{ testEngine }

func (e *leakyEngine) Prepare(
	_ context.Context,
	w *agentv1.AssignedWorker,
	home *runtime.Home,
) (runtime.Command, error) {
	secret := hex.EncodeToString(w.GetSecret())
	for path, content := range map[string]string{
		engine.OwnFolder + "/spark.properties": fmt.Sprintf(propertiesText, secret),
		engine.OwnFolder + "/plugin.jar":       "\x00\xff",
		engine.OwnFolder + "/long.properties":  strings.Repeat("a=b\n", (64 << 10)),
		"user.properties":                      "the user's own",
		"lib/x.jar":                            "jar",
	} {
		if err := home.Work.WriteFile(path, []byte(content), 0o600); err != nil {
			return runtime.Command{}, err
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(home.Path(), engine.OwnFolder, "passwd.properties")); err != nil {
		return runtime.Command{}, err
	}
	return runtime.Command{
		Args: []string{"/bin/sh", "-c", "exec sleep 1000", secret, "-Dx=" + secret}, Env: []string{"PLAIN=" + secret},
		Sources: map[string]string{"lib/x.jar": "s3://key:" + secret + "@bucket/x.jar"},
	}, nil
}

func TestDescribe_NeverShowsTheRunsSecretNorTheUsersFiles(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{Spark: &leakyEngine{}})
	receive(t, "a registration", server.registers)
	driver := sparkDriver(t)
	driver.Secret = []byte("0123456789abcdef")
	server.assign(t, complete(1, driver))
	server.statusOf(t, driver.GetWorkerId(), agentv1.Phase_PHASE_RUNNING)
	launch := describeWorker(t, server, driver.GetWorkerId())
	for _, secret := range []string{hex.EncodeToString(driver.GetSecret()), string(driver.GetSecret())} {
		if strings.Contains(launch.String(), secret) {
			t.Errorf("the secret is shown in %v", launch)
		}
	}
	properties := fileOf(launch, engine.OwnFolder+"/spark.properties")
	if want := fmt.Sprintf(propertiesText, mask.Text); properties.GetContent() != want {
		t.Errorf("the properties are shown as %v", properties)
	}
	for path, size := range map[string]int64{
		engine.OwnFolder + "/plugin.jar":      2,
		engine.OwnFolder + "/long.properties": 4 * (64 << 10),
		"user.properties":                     14,
		"lib/x.jar":                           3,
	} {
		if file := fileOf(launch, path); file.GetSizeBytes() != size || file.GetContent() != "" {
			t.Errorf("%s is told as %v, want its size %d alone", path, file, size)
		}
	}
	if source := fileOf(launch, "lib/x.jar").GetSource(); source != "s3://key:"+mask.Text+"@bucket/x.jar" {
		t.Errorf("the source is told as %q", source)
	}
	if link := fileOf(launch, engine.OwnFolder+"/passwd.properties"); link != nil {
		t.Errorf("a link was followed: %v", link)
	}
}

func TestDescribe_SaysWhyAWorkerIsNotKnown(t *testing.T) {
	server, _ := serve(t)
	a, _ := run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	id := idOf(t)
	server.assign(t, complete(1, script(id, "true")))
	server.statusOf(t, id, agentv1.Phase_PHASE_ENDED)
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 2, Forget: []string{id}})
	eventually(t, "it is forgotten", func() bool { return newest(a, id) == nil })
	if launch := describeWorker(t, server, id); launch.GetError() != "" {
		t.Errorf("before its directory is removed, the error is %s", launch.GetError())
	}
	eventually(t, "its logs were taken", func() bool { return !a.shipper.Holds(id) })
	gone := time.Now().Add(24 * time.Hour)
	if err := a.runtime.Clean(gone); err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{id: gone.UTC().Format(time.RFC3339), "nobody": "keeps nothing", "../x": "one file name"}
	for id, want := range wants {
		if launch := describeWorker(t, server, id); !strings.Contains(launch.GetError(), want) {
			t.Errorf("of %s the error is %q, want %q in it", id, launch.GetError(), want)
		}
	}
}
