package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// pastRuns are runs that are over, and who submitted them.
type pastRuns struct {
	cluster     *testcluster.Cluster
	application string
	all         []string // oldest first
}

// brokenCPU is the size of drivers that fail at their first attempt.
const brokenCPU = 500

// past runs some on a cluster whose runs leave soon after their end.
func past(t *testing.T) *pastRuns {
	t.Helper()
	p := &pastRuns{cluster: testcluster.Start(t, testcluster.Config{TLS: true, Adjust: func(c *server.Config) {
		c.HistoryAfter = 2 * time.Second
	}})}
	script := func(w *agentv1.AssignedWorker) simnode.Program {
		if w.GetMilliCpu() == brokenCPU && w.GetAttempt() == 1 {
			return simnode.Exits(1, "it broke")
		}
		return simnode.Exits(0, "")
	}
	p.cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: script})
	ann := p.ann(p.cluster.Leader())
	p.application = processApplication(t, ann)
	_, err := ann.StartApplication(testcluster.Within(t), &controlv1.StartApplicationRequest{ApplicationId: p.application})
	must(t, err)
	for range 3 {
		p.all = append(p.all, startRun(t, ann, processRun(p.application, 0)))
	}
	return p
}

func (p *pastRuns) ann(s *testcluster.Server) *testcluster.Client {
	return p.cluster.As(s, "client", "ann")
}

// left waits until all runs left the state, and returns what the history has.
func (p *pastRuns) left(t *testing.T) *controlv1.ListSegmentsResponse {
	t.Helper()
	var all *controlv1.ListSegmentsResponse
	ctx := testcluster.Within(t)
	testcluster.Eventually(t, "the runs to leave the state", func() bool {
		must(t, p.cluster.Anywhere(ctx, func(c *testcluster.Client) (err error) {
			all, err = c.ListSegments(ctx, &controlv1.ListSegmentsRequest{})
			return err
		}))
		return all.GetAllJobRuns() == int64(len(p.all)) && all.GetFinishedInState() == 0
	})
	return all
}

// said is what a server says of the runs.
func (p *pastRuns) said(t *testing.T, c *testcluster.Client) string {
	t.Helper()
	var b strings.Builder
	say := func(m proto.Message, err error) {
		t.Helper()
		must(t, err)
		if field := m.ProtoReflect().Descriptor().Fields().ByName("record"); field != nil {
			m.ProtoReflect().Clear(field)
		}
		_, _ = fmt.Fprintln(&b, strings.ReplaceAll(protojson.Format(m), ":  ", ": "))
	}
	ctx := testcluster.Within(t)
	for _, run := range p.all {
		say(c.GetJobRun(ctx, &controlv1.GetJobRunRequest{ApplicationId: p.application, JobRunId: run}))
		say(c.ListJobRunAttempts(ctx, &controlv1.ListJobRunAttemptsRequest{ApplicationId: p.application, JobRunId: run}))
		workers, err := c.ListWorkers(ctx, &controlv1.ListWorkersRequest{ApplicationId: p.application, JobRunId: run})
		say(workers, err)
		for _, w := range workers.GetWorkers() {
			found, err := c.GetWorker(ctx, &controlv1.GetWorkerRequest{WorkerId: w.GetWorkerId()})
			say(found.GetWorker(), err)
			say(c.ListWorkers(ctx, &controlv1.ListWorkersRequest{IdPrefix: w.GetWorkerId()[:24]}))
		}
		say(c.ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{ApplicationId: p.application, JobRunId: run}))
		say(c.ListTags(ctx, &controlv1.ListTagsRequest{ApplicationId: p.application, JobRunId: run}))
		say(c.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: p.application, JobRunId: run}))
		say(c.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{IdPrefix: run[:25]}))
	}
	say(c.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{Mine: true}))
	say(c.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{ApplicationId: p.application, States: []string{"FAILED"}}))
	say(c.ListJobRuns(ctx, &controlv1.ListJobRunsRequest{Tags: map[string]string{"no": "body"}}))
	p.eachPage(t, c, say)
	return b.String()
}

// eachPage lists the runs one by one.
func (p *pastRuns) eachPage(t *testing.T, c *testcluster.Client, say func(proto.Message, error)) {
	t.Helper()
	for token := ""; ; {
		page, err := c.ListJobRuns(testcluster.Within(t), &controlv1.ListJobRunsRequest{
			ApplicationId: p.application, MaxResults: 1, NextToken: token,
		})
		say(page, err)
		if token = page.GetNextToken(); token == "" {
			return
		}
	}
}

// Who asks for a run that left the state is told what was told before, by every server, whoever asks.
func TestHistory_AnswersAsBefore(t *testing.T) {
	t.Parallel()
	p := past(t)
	request := retried(processRun(p.application, 0), 2)
	request.ClientToken = "once"
	programOf(request).GetDriverSize().SetMilliCpu(brokenCPU)
	ann := p.ann(p.cluster.Leader())
	p.all = append(p.all, startRun(t, ann, request))
	for _, run := range p.all {
		awaitRun(t, p.cluster, p.application, run, "SUCCESS")
	}
	bob := p.cluster.As(p.cluster.Leader(), "client", "bob")
	before, masked := p.said(t, ann), p.said(t, bob)
	if before == masked {
		t.Fatal("bob reads what ann reads")
	}
	p.left(t)
	for _, s := range p.cluster.Servers {
		if after := p.said(t, p.ann(s)); after != before {
			t.Errorf("%s says\n%s\nand before it was\n%s", s.ID(), after, before)
		}
		if after := p.said(t, p.cluster.As(s, "client", "bob")); after != masked {
			t.Errorf("%s says to bob\n%s\nand before it was\n%s", s.ID(), after, masked)
		}
	}
	if again := startRun(t, ann, request); again != p.all[len(p.all)-1] {
		t.Errorf("the token starts %s, and stood for %s", again, p.all[len(p.all)-1])
	}
	_, err := ann.TagResource(testcluster.Within(t), &controlv1.TagResourceRequest{
		ApplicationId: p.application, JobRunId: p.all[0], Tags: map[string]string{"a": "b"},
	})
	wantError(t, err, errs.WrongState, "", "lies in the history", p.all[0])
}

// A server that lost its disk brings the history from another one, and so does one whose copy is damaged.
func TestHistory_IsBroughtFromAnotherServer(t *testing.T) {
	t.Parallel()
	p := past(t)
	all := p.left(t)
	for _, s := range p.cluster.Servers {
		for _, segment := range all.GetSegments() {
			awaitFile(t, s, segment)
		}
	}
	follower := p.cluster.Follower()
	follower.Stop()
	must(t, os.RemoveAll(follower.HistoryDir()))
	follower.Start()
	for _, segment := range all.GetSegments() {
		awaitFile(t, follower, segment)
	}
	follower.Stop()
	for _, segment := range all.GetSegments() {
		must(t, os.WriteFile(fileOf(follower, segment), []byte("no segment"), 0o600))
	}
	follower.Start()
	ctx := testcluster.Within(t)
	testcluster.Eventually(t, "a damaged copy to be brought anew", func() bool {
		_, err := follower.Client().GetJobRun(ctx, &controlv1.GetJobRunRequest{
			ApplicationId: p.application, JobRunId: p.all[0], Stale: true,
		})
		return err == nil
	})
}

func fileOf(s *testcluster.Server, segment *controlv1.Segment) string {
	return filepath.Join(s.HistoryDir(), segment.GetDigest()+".parquet")
}

func awaitFile(t *testing.T, s *testcluster.Server, segment *controlv1.Segment) {
	t.Helper()
	testcluster.Eventually(t, s.ID()+" to have a segment", func() bool {
		info, err := os.Stat(fileOf(s, segment))
		return err == nil && info.Size() == segment.GetSizeBytes()
	})
}

// A segment has the runs of all users, so it is for operators, who get just what its digest says.
func TestReadSegment_IsForOperators(t *testing.T) {
	t.Parallel()
	p := past(t)
	all := p.left(t)
	ctx := testcluster.Within(t)
	read := func(c *testcluster.Client, digest string) ([]byte, error) {
		stream, err := c.ReadSegment(ctx, &controlv1.ReadSegmentRequest{Digest: digest})
		must(t, err)
		var content []byte
		for {
			part, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				return content, nil
			}
			if err != nil {
				return nil, err
			}
			content = append(content, part.GetData()...)
		}
	}
	segment := all.GetSegments()[0]
	_, err := read(p.ann(p.cluster.Follower()), segment.GetDigest())
	wantError(t, err, errs.Forbidden, "", "read a segment of the history as ann")
	olga := p.cluster.As(p.cluster.Follower(), "operator", "olga")
	content, err := read(olga, segment.GetDigest())
	must(t, err)
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != segment.GetDigest() {
		t.Errorf("%d bytes with the SHA-256 %x came for %s", len(content), sum, segment.GetDigest())
	}
	_, err = read(olga, strings.Repeat("0", 64))
	wantError(t, err, errs.NotFound, "", "there is no segment")
	_, err = read(olga, "../x")
	wantError(t, err, errs.Invalid, "digest")
}
