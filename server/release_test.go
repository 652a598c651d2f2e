package server_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// upload adds an archive whose header may lie.
func upload(
	ctx context.Context,
	c *testcluster.Client,
	header *controlv1.AddReleaseHeader,
	archive []byte,
) (*controlv1.Release, error) {
	stream, err := c.AddRelease(ctx)
	if err != nil {
		return nil, err
	}
	_ = stream.Send(
		&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Header{Header: header}},
	) // its error is CloseAndRecv's
	for chunk := archive; len(chunk) > 0; chunk = chunk[min(len(chunk), 64<<10):] {
		_ = stream.Send(
			&controlv1.AddReleaseRequest{
				Part: &controlv1.AddReleaseRequest_Chunk{Chunk: chunk[:min(len(chunk), 64<<10)]},
			},
		)
	}
	answer, err := stream.CloseAndRecv()
	return answer.GetRelease(), err
}

func headerOf(archive []byte) *controlv1.AddReleaseHeader {
	digest := sha256.Sum256(archive)
	return &controlv1.AddReleaseHeader{
		Label: "mine-1", Engine: specv1.Engine_ENGINE_SPARK, EngineVersion: "3.5.1",
		Digest: digest[:], SizeBytes: int64(len(archive)),
	}
}

func TestReleases_UploadedToAFollowerReachEverybody(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	node := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a", Script: always(simnode.Hangs())})
	ctx := testcluster.Within(t)
	follower := cluster.Follower()
	archive := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // more than three chunks
	for range 2 {                                                // a repetition is a success
		added, err := upload(ctx, follower.Client(), headerOf(archive), archive)
		must(t, err)
		if !added.GetCached() || added.GetSizeBytes() != int64(len(archive)) {
			t.Errorf("added %v", added)
		}
	}
	createApplication(t, cluster.Leader().Client(), sparkSpec("mine-1"))
	for _, s := range cluster.Servers {
		wantListed(t, s.Client())
		for _, offset := range []int64{0, 1, 1 << 20, int64(len(archive))} {
			var got []byte
			testcluster.Eventually(t, "the archive on "+s.ID(), func() bool {
				var err error
				got, err = fetch(t, cluster, node, s, headerOf(archive).GetDigest(), offset)
				return err == nil
			})
			if !bytes.Equal(got, archive[offset:]) {
				t.Errorf("%s streams %d bytes from %d on", s.ID(), len(got), offset)
			}
		}
	}
	for _, digest := range [][]byte{nil, []byte("short"), bytes.Repeat([]byte{1}, 32)} {
		if _, err := fetch(t, cluster, node, follower, digest, 0); !errs.Is(err, errs.Unavailable) &&
			!errs.Is(err, errs.Invalid) {
			t.Errorf("the archive %x: %v", digest, err)
		}
	}
	_, err := fetch(t, cluster, node, follower, headerOf(archive).GetDigest(), -1)
	wantError(t, err, errs.Invalid, "offset", "-1")
}

func wantListed(t *testing.T, c *testcluster.Client) {
	t.Helper()
	list, err := c.ListReleases(testcluster.Within(t), &controlv1.ListReleasesRequest{})
	must(t, err)
	cached := false
	known := false
	for _, r := range list.GetReleases() {
		cached = cached || r.GetLabel() == "mine-1" && r.GetCached() && r.GetNotRunnable() == ""
		known = known || r.GetLabel() == "emr-7.2.0" && !r.GetCached() && r.GetNotRunnable() != ""
	}
	if !cached || !known {
		t.Errorf("releases %v", list.GetReleases())
	}
}

// fetch streams an archive as an agent does.
func fetch(
	t *testing.T,
	cluster *testcluster.Cluster,
	node *testcluster.Node,
	s *testcluster.Server,
	digest []byte,
	offset int64,
) ([]byte, error) {
	t.Helper()
	conn := cluster.DialNode(s, "n1", node.ID)
	defer conn.Close()
	stream, err := agentv1.NewAgentServiceClient(conn).FetchRelease(testcluster.Within(t), &agentv1.FetchReleaseRequest{
		Digest: digest,
		Offset: offset,
	})
	must(t, err)
	var archive []byte
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return archive, nil
		}
		if err != nil {
			return nil, grpcerr.FromStatus(err)
		}
		archive = append(archive, m.GetChunk()...)
	}
}

func TestReleases_WhatIsNotTheArchiveIsRefused(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1})
	archive := []byte("an archive")
	for name, c := range map[string]struct {
		change func(*controlv1.AddReleaseHeader)
		field  string
		names  []string
	}{
		"digest": {
			func(h *controlv1.AddReleaseHeader) { h.Digest = bytes.Repeat([]byte{7}, 32) },
			"digest",
			[]string{"0707"},
		},
		"short digest": {func(h *controlv1.AddReleaseHeader) { h.Digest = []byte{7} }, "digest", []string{"32"}},
		"too small": {
			func(h *controlv1.AddReleaseHeader) { h.SizeBytes = 11 },
			"size_bytes",
			[]string{"11 bytes", "10"},
		},
		"too large": {
			func(h *controlv1.AddReleaseHeader) { h.SizeBytes = 9 },
			"size_bytes",
			[]string{"9 bytes", "more"},
		},
		"no size": {func(h *controlv1.AddReleaseHeader) { h.SizeBytes = 0 }, "size_bytes", []string{"0"}},
		"enormous": {
			func(h *controlv1.AddReleaseHeader) { h.SizeBytes = 5 << 30 },
			"size_bytes",
			[]string{"4294967296"},
		},
		"label":   {func(h *controlv1.AddReleaseHeader) { h.Label = "../x" }, "label", []string{"../x"}},
		"process": {func(h *controlv1.AddReleaseHeader) { h.Label = "process" }, "label", []string{"process"}},
		"hive":    {func(h *controlv1.AddReleaseHeader) { h.Engine = specv1.Engine_ENGINE_HIVE }, "engine", nil},
	} {
		header := headerOf(archive)
		c.change(header)
		_, err := upload(testcluster.Within(t), cluster.Leader().Client(), header, archive)
		t.Run(name, func(t *testing.T) { wantError(t, err, errs.Invalid, c.field, c.names...) })
	}
	left, err := os.ReadDir(cluster.Leader().ReleaseDir())
	must(t, err)
	if len(left) != 0 {
		t.Errorf("what was refused left %v", left)
	}
}
