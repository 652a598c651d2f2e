package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/logpath"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server"
)

// zipped compresses text as an agent does.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	_, err := w.Write([]byte(text))
	must(t, errors.Join(err, w.Close()))
	return file.Bytes()
}

// storeLog stores a part of a file of a node's on a server, and returns the size that it answers.
func storeLog(
	t *testing.T,
	cluster *testcluster.Cluster,
	node *testcluster.Node,
	s *testcluster.Server,
	file string,
	offset int64,
	data []byte,
) int64 {
	t.Helper()
	conn := cluster.DialNode(s, "n1", node.ID)
	defer conn.Close()
	answer, err := agentv1.NewAgentServiceClient(conn).StoreLog(testcluster.Within(t), &agentv1.StoreLogRequest{
		Path:   file,
		Offset: offset,
		Data:   data,
	})
	must(t, err)
	return answer.GetSize()
}

// A node is lost in the middle of what its driver writes: who follows gets the rest of what is stored, on whichever
// server, and the reason of its end; who comes later gets all of that.
func TestReadLog_FromTheServersWhenTheNodeIsLost(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Lease: shortLease})
	node := cluster.Node(testcluster.NodeConfig{
		Name: "n1",
		Zone: "a",
		Script: always(simnode.Program{Run: func(w *simnode.Worker) simnode.Exit {
			w.Print("stdout", "one\n")
			<-w.Stop
			return simnode.Exit{Code: 143}
		}}),
	})
	reader := cluster.Follower()
	application := processApplication(t, reader.Client())
	run := startRun(t, reader.Client(), processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	ask := &controlv1.ReadLogRequest{ApplicationId: application, JobRunId: run, Stream: "stdout", Follow: true}
	followed, err := reader.Client().ReadLog(testcluster.Within(t), ask)
	must(t, err)
	first, err := followed.Recv()
	must(t, err)

	driver := logpath.Worker{
		Attempt: logpath.Attempt{
			Application: application,
			Run:         run,
		},
		Type:    "DRIVER",
		Process: true,
	}
	file := logpath.Latest(driver.Folder(), "stdout")
	whole := append(zipped(t, "one\n"), zipped(t, "two\nthree\n")...)
	for i, s := range cluster.Servers[:2] {
		part := whole[:len(whole)-i*20] // the second copy is behind
		if size := storeLog(t, cluster, node, s, file, 0, part); size != int64(len(part)) {
			t.Errorf("a server has %d bytes of %d", size, len(part))
		}
	}
	node.CutOff()
	if got := string(first.GetData()) + all(t, followed); got != "one\ntwo\nthree\n" {
		t.Errorf("followed %q", got)
	}
	if notes := followed.Trailer().Get("headrace-note"); len(notes) != 1 ||
		!strings.Contains(notes[0], "node was lost") {
		t.Errorf("the follower is told %q", notes)
	}
	ask.Follow = false
	ask.Offset = 2
	for _, s := range cluster.Servers {
		again, err := s.Client().ReadLog(testcluster.Within(t), ask)
		must(t, err)
		if got := all(t, again); got != "e\ntwo\nthree\n" {
			t.Errorf("%s reads %q", s.ID(), got)
		}
	}
	wantFetched(t, cluster, node, driver.Attempt.Folder(), file, whole)
	cluster.Servers[0].Stop()
	ask.Offset = 0
	again, err := cluster.Leader(cluster.Servers[0]).Client().ReadLog(testcluster.Within(t), ask)
	must(t, err)
	if got := all(t, again); !strings.HasPrefix(got, "one\n") || got == "one\ntwo\nthree\n" {
		t.Errorf("without the server that has most %q is read", got)
	}
}

// wantFetched holds that every server gives a folder with one file to a node that was asked to show it.
func wantFetched(
	t *testing.T,
	cluster *testcluster.Cluster,
	node *testcluster.Node,
	folder, file string,
	content []byte,
) {
	t.Helper()
	for _, s := range cluster.Servers {
		conn := cluster.DialNode(s, "n1", node.ID)
		stream, err := agentv1.NewAgentServiceClient(conn).FetchLog(testcluster.Within(t),
			&agentv1.FetchLogRequest{Path: folder + "/", Grant: cluster.Grant(node.ID, folder)})
		must(t, err)
		var got []byte
		for {
			part, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			if part.GetPath() != file {
				t.Fatalf("%s gives a part of %q", s.ID(), part.GetPath())
			}
			got = append(got, part.GetData()...)
		}
		if !bytes.Equal(got, content) {
			t.Errorf("%s gives %d bytes of %s, not %d", s.ID(), len(got), file, len(content))
		}
		_ = conn.Close()
	}
}

// A log that is taken nowhere ends with its node, and the error says what changes that.
func TestReadLog_ALogThatIsTakenNowhereEndsWithItsNode(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, Lease: shortLease})
	node := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Hangs())})
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	request := processRun(application, 0)
	request.GetSpec().SetConfigurationOverrides(specv1.ConfigurationOverrides_builder{
		Monitoring: specv1.Monitoring_builder{
			ManagedPersistence: specv1.ManagedPersistence_builder{Enabled: new(false)}.Build(),
		}.Build(),
	}.Build())
	run := startRun(t, client, request)
	awaitRun(t, cluster, application, run, "RUNNING")
	node.Crash()
	cluster.AwaitNode(node, "LOST")
	log, err := client.ReadLog(testcluster.Within(t), &controlv1.ReadLogRequest{
		ApplicationId: application,
		JobRunId:      run,
		Attempt:       1,
		Stream:        "stdout",
	})
	must(t, err)
	if _, err = log.Recv(); !errs.Is(grpcerr.FromStatus(err), errs.NotFound) ||
		!strings.Contains(err.Error(), "managed persistence") {
		t.Errorf("got %v", err)
	}
}

// With a storage of its own for managed logs a cluster keeps none on its servers, and reads them there.
func TestReadLog_FromLogStorage(t *testing.T) {
	t.Parallel()
	storage := t.TempDir()
	cluster := testcluster.Start(t, testcluster.Config{
		Servers: 1,
		Lease:   shortLease,
		Adjust:  func(c *server.Config) { c.LogStorage = "file://" + storage },
	})
	node := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Hangs())})
	client := cluster.Leader().Client()
	application := processApplication(t, client)
	run := startRun(t, client, processRun(application, 0))
	awaitRun(t, cluster, application, run, "RUNNING")
	driver := logpath.Worker{
		Attempt: logpath.Attempt{
			Application: application,
			Run:         run,
		},
		Type:    "DRIVER",
		Process: true,
	}
	file := filepath.Join(storage, logpath.Latest(driver.Folder(), "stderr"))
	must(t, os.MkdirAll(filepath.Dir(file), 0o750))
	must(t, os.WriteFile(file, zipped(t, "stored\n"), 0o600))
	node.Crash()
	cluster.AwaitNode(node, "LOST")
	log, err := client.ReadLog(testcluster.Within(t), &controlv1.ReadLogRequest{
		ApplicationId: application,
		JobRunId:      run,
		Stream:        "stderr",
		Follow:        true,
	})
	must(t, err)
	if got := all(t, log); got != "stored\n" {
		t.Errorf("read %q", got)
	}
	conn := cluster.DialNode(cluster.Servers[0], "n1", node.ID)
	defer conn.Close()
	_, err = agentv1.NewAgentServiceClient(conn).
		StoreLog(context.Background(), &agentv1.StoreLogRequest{Path: logpath.Latest(driver.Folder(), "stdout")})
	wantError(t, err, errs.WrongState, "", storage)
}

// An event log is longer than a part of a message: every server gives all of it, whoever keeps it.
func TestB_AnEventLogOfManyPartsIsFetchedWhole(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	node := cluster.Node(testcluster.NodeConfig{
		Name:     "n1",
		Zone:     "a",
		Releases: held,
		Script:   always(simnode.Hangs()),
	})
	client := cluster.Leader().Client()
	application := sparkApplication(t, client)
	run := startRun(t, client, smallSpark(application))
	awaitRun(t, cluster, application, run, "RUNNING")
	attempt := logpath.Attempt{Application: application, Run: run}
	file := attempt.EventLogs() + "/eventlog"
	const part = 1 << 20 // as much as servers take at once
	content := bytes.Repeat([]byte("an event\n"), 3*part/9+1)
	for offset := 0; offset < len(content); offset += part {
		next := content[offset:min(offset+part, len(content))]
		size := storeLog(t, cluster, node, cluster.Servers[0], file, int64(offset), next)
		if size != int64(offset+len(next)) {
			t.Fatalf("behind %d bytes a server has %d", offset, size)
		}
	}
	wantFetched(t, cluster, node, attempt.EventLogs(), file, content)
}
