package server_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	fileupload "github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// uploadFile uploads a file whose header may lie, and returns its URI.
func uploadFile(
	t *testing.T, c *testcluster.Client, header *controlv1.UploadFileHeader, content []byte,
) (string, error) {
	t.Helper()
	stream, err := c.UploadFile(testcluster.Within(t))
	must(t, err)
	// Errors of Send are CloseAndRecv's.
	if header != nil {
		_ = stream.Send(&controlv1.UploadFileRequest{Part: &controlv1.UploadFileRequest_Header{Header: header}})
	}
	for part := content; len(part) > 0; part = part[min(len(part), 64<<10):] {
		chunk := part[:min(len(part), 64<<10)]
		_ = stream.Send(&controlv1.UploadFileRequest{Part: &controlv1.UploadFileRequest_Chunk{Chunk: chunk}})
	}
	answer, err := stream.CloseAndRecv()
	return answer.GetUri(), err
}

// headerOfFile announces a file.
func headerOfFile(name string, content []byte) *controlv1.UploadFileHeader {
	digest := sha256.Sum256(content)
	return &controlv1.UploadFileHeader{Name: name, Digest: digest[:], SizeBytes: int64(len(content))}
}

// runOf is a run of an uploaded program.
func runOf(application, uri string) *runRequest {
	request := processRun(application, 0)
	programOf(request).SetCommand([]string{uri})
	return request
}

// fetchUpload fetches a file as the agent of a node does.
func fetchUpload(
	t *testing.T, cluster *testcluster.Cluster, s *testcluster.Server, node *testcluster.Node, name, worker, uri string,
) ([]byte, error) {
	t.Helper()
	file, err := fileupload.Parse(uri)
	must(t, err)
	conn := cluster.DialNode(s, name, node.ID)
	defer conn.Close()
	wanted := &agentv1.FetchUploadRequest{WorkerId: worker, Digest: file.Digest[:]}
	stream, err := agentv1.NewAgentServiceClient(conn).FetchUpload(testcluster.Within(t), wanted)
	must(t, err)
	var content []byte
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return content, nil
		}
		if err != nil {
			return nil, grpcerr.FromStatus(err)
		}
		content = append(content, m.GetChunk()...)
	}
}

// A file that was uploaded to any server is given to the nodes of its user's runs by every server, and to nobody else.
func TestD3_AnUploadReachesTheNodesOfItsUsersRunsOnly(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	one := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Hangs())})
	two := cluster.Node(testcluster.NodeConfig{Name: "n2", Zone: "b", Script: always(simnode.Hangs())})
	ann := cluster.As(cluster.Follower(), "client", "ann")
	bob := cluster.As(cluster.Follower(), "client", "bob")
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // more than three chunks
	var uri string
	for range 2 { // a repetition is a success
		var err error
		uri, err = uploadFile(t, ann, headerOfFile("count.py", content), content)
		must(t, err)
	}
	application := processApplication(t, ann)
	_, err := bob.StartJobRun(testcluster.Within(t), runOf(application, uri))
	wantError(t, err, errs.Invalid, "spec.driver.process.command", "cannot use count.py", "of bob", "upload it again")
	run := startRun(t, ann, runOf(application, uri))
	awaitRun(t, cluster, application, run, "RUNNING")
	worker := workersOf(t, cluster, application, run)[0]
	here := one
	there := two
	if worker.GetNodeId() == two.ID {
		here = two
		there = one
	}
	name := worker.GetNodeName()
	other := map[string]string{"n1": "n2", "n2": "n1"}[name]
	for _, s := range cluster.Servers {
		got, err := fetchUpload(t, cluster, s, here, name, worker.GetWorkerId(), uri)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s sends %d bytes, %v", s.ID(), len(got), err)
		}
		_, err = fetchUpload(t, cluster, s, there, other, worker.GetWorkerId(), uri)
		wantError(t, err, errs.Forbidden, "", "to node "+other)
		_, err = fetchUpload(t, cluster, s, here, name, worker.GetWorkerId(), fileupload.File{Name: "x"}.URI())
		wantError(t, err, errs.Forbidden, "", "names no such file")
		_, err = fetchUpload(t, cluster, s, here, name, "w-unknown", uri)
		wantError(t, err, errs.NotFound, "", "w-unknown")
	}
}

// What the log names is brought to servers that lack it; a run whose file nobody has any more is refused.
func TestD3_AFileThatARunNeedsIsBroughtAndOneThatIsGoneIsTold(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	client := cluster.Follower().Client()
	content := []byte("print(1)")
	uri, err := uploadFile(t, client, headerOfFile("count.py", content), content)
	must(t, err)
	application := processApplication(t, client)
	request := runOf(application, uri)
	request.ClientToken = "once"
	run := startRun(t, client, request) // which waits: there is no node
	lost := cluster.Follower()
	must(t, os.RemoveAll(lost.UploadDir()))
	must(t, os.Mkdir(lost.UploadDir(), 0o750))
	testcluster.Eventually(t, "the file on "+lost.ID(), func() bool {
		found, _ := filepath.Glob(filepath.Join(lost.UploadDir(), "*", "*"))
		return len(found) == 1
	})
	_, err = client.CancelJobRun(testcluster.Within(t), &controlv1.CancelJobRunRequest{
		ApplicationId: application,
		JobRunId:      run,
	})
	must(t, err)
	awaitRun(t, cluster, application, run, "CANCELLED")
	for _, s := range cluster.Servers {
		must(t, os.RemoveAll(s.UploadDir()))
		must(t, os.Mkdir(s.UploadDir(), 0o750))
	}
	_, err = client.StartJobRun(testcluster.Within(t), runOf(application, uri))
	wantError(t, err, errs.Invalid, "spec.driver.process.command", "the servers keep no file", "upload it again")
	again := startRun(t, client, request) // a repetition has its outcome, whatever is kept
	if again != run {
		t.Errorf("repeated as %s, first %s", again, run)
	}
}

func TestD3_WhatIsNoUploadIsRefused(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	client := cluster.Leader().Client()
	content := []byte("print(1)")
	for _, wrong := range []struct {
		field  string
		change func(*controlv1.UploadFileHeader)
	}{
		{"name", func(h *controlv1.UploadFileHeader) { h.Name = "../count.py" }},
		{"digest", func(h *controlv1.UploadFileHeader) { h.Digest = h.GetDigest()[1:] }},
		{"size_bytes", func(h *controlv1.UploadFileHeader) { h.SizeBytes = 16<<20 + 1 }},
		{"size_bytes", func(h *controlv1.UploadFileHeader) { h.SizeBytes = -1 }},
	} {
		header := headerOfFile("count.py", content)
		wrong.change(header)
		_, err := uploadFile(t, client, header, content)
		wantError(t, err, errs.Invalid, wrong.field)
	}
	silent, err := client.UploadFile(testcluster.Within(t))
	must(t, err)
	_, err = silent.CloseAndRecv()
	wantError(t, grpcerr.FromStatus(err), errs.Invalid, "", "begins with its header")
	_, err = uploadFile(t, client, nil, content)
	wantError(t, err, errs.Invalid, "", "begins with its header")
	_, err = uploadFile(t, client, headerOfFile("count.py", content), []byte("print(2)"))
	wantError(t, err, errs.Invalid, "digest")
	if left, _ := filepath.Glob(filepath.Join(cluster.Leader().UploadDir(), "*", "*")); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}
