package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// segmentOf lists a segment of such a content, which ended so long ago.
func segmentOf(content string, ended time.Duration) *controlv1.Segment {
	sum := sha256.Sum256([]byte(content))
	return &controlv1.Segment{
		Digest:      hex.EncodeToString(sum[:]),
		SizeBytes:   int64(len(content)),
		JobRuns:     5,
		LastEndedAt: ago(ended),
	}
}

func TestHistoryExport_CopiesWhatTheDirectoryLacks(t *testing.T) {
	contents := map[string]string{}
	var rows []*controlv1.Segment
	for content, ended := range map[string]time.Duration{"new": time.Hour, "newer": time.Minute, "old": 99 * time.Hour} {
		row := segmentOf(content, ended)
		rows = append(rows, row)
		contents[row.GetDigest()] = content
	}
	server := answers(map[string]proto.Message{"ListSegments": &controlv1.ListSegmentsResponse{Segments: rows}})
	sent := 0
	server.Segment = func(r *controlv1.ReadSegmentRequest, s grpc.ServerStreamingServer[controlv1.ReadSegmentResponse],
	) error {
		sent++
		content := contents[r.GetDigest()]
		if err := s.Send(&controlv1.ReadSegmentResponse{Data: []byte(content[:1])}); err != nil {
			return err
		}
		return s.Send(&controlv1.ReadSegmentResponse{Data: []byte(content[1:])})
	}
	address := server.Start(t)
	dir := filepath.Join(t.TempDir(), "history")
	for _, want := range []string{
		"10 job runs in 2 files copied to " + dir + "; 0 files were there\n",
		"0 job runs in 0 files copied to " + dir + "; 2 files were there\n",
	} {
		r := command(t.Context(), address, "history", "export", dir, "--ended-after", "48h")
		if r.failed != nil || r.out.String() != want {
			t.Errorf("it says %q (%v), not %q", r.out.String(), r.failed, want)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "2026-03-14-*.parquet"))
	if err != nil || len(files) != 2 || sent != 2 {
		t.Errorf("%d segments sent made %v (%v)", sent, files, err)
	}
}

// A file that cannot be copied holds up no other: the oldest comes first, what is no more in the history is left out,
// and what failed is told at the end. Files are for who exports them, and only what such an export left is removed.
func TestHistoryExport_GoesOnPastAFileThatNobodyHas(t *testing.T) {
	newest, lost, dropped, oldest := segmentOf("newest", time.Minute), segmentOf("lost", time.Hour),
		segmentOf("dropped", 2*time.Hour), segmentOf("oldest", 3*time.Hour)
	rows := []*controlv1.Segment{newest, lost, dropped, oldest}
	server := answers(map[string]proto.Message{"ListSegments": &controlv1.ListSegmentsResponse{Segments: rows}})
	var asked []string
	server.Segment = func(r *controlv1.ReadSegmentRequest, s grpc.ServerStreamingServer[controlv1.ReadSegmentResponse],
	) error {
		asked = append(asked, r.GetDigest())
		switch r.GetDigest() {
		case newest.GetDigest():
			return s.Send(&controlv1.ReadSegmentResponse{Data: []byte("newest")})
		case oldest.GetDigest():
			return s.Send(&controlv1.ReadSegmentResponse{Data: []byte("oldest")})
		case dropped.GetDigest():
			return errs.New(errs.NotFound, "it is dropped")
		}
		return errs.New(errs.WrongState, "nobody has it")
	}
	dir := t.TempDir()
	long := time.Now().Add(-1000 * 24 * time.Hour)
	for _, left := range []string{".incoming-of-somebody", ".headrace-export-1"} {
		path := filepath.Join(dir, left)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, long, long)); err != nil {
			t.Fatal(err)
		}
	}
	r := command(t.Context(), server.Start(t), "history", "export", dir)
	if r.failed == nil || !strings.Contains(r.failed.Error(), "nobody has it") ||
		!strings.Contains(r.out.String(), "10 job runs in 2 files copied") {
		t.Errorf("it says %q (%v)", r.out.String(), r.failed)
	}
	want := []string{oldest.GetDigest(), dropped.GetDigest(), lost.GetDigest(), newest.GetDigest()}
	if !slices.Equal(asked, want) {
		t.Errorf("asked for %v", asked)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 || entries[0].Name() != ".incoming-of-somebody" {
		t.Fatalf("there are %v (%v)", entries, err)
	}
	for _, entry := range entries[1:] {
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v (%v)", info, err)
		}
	}
}

// What comes is not believed, and nothing is left of it.
func TestHistoryExport_RefusesWhatIsNotTheSegment(t *testing.T) {
	row := segmentOf("right", time.Hour)
	server := answers(map[string]proto.Message{
		"ListSegments": &controlv1.ListSegmentsResponse{Segments: []*controlv1.Segment{row}},
	})
	server.Segment = func(_ *controlv1.ReadSegmentRequest, s grpc.ServerStreamingServer[controlv1.ReadSegmentResponse],
	) error {
		if err := s.Send(&controlv1.ReadSegmentResponse{Data: []byte("wrong")}); err != nil {
			return err
		}
		return errs.New(errs.Forbidden, "enough")
	}
	dir := t.TempDir()
	r := command(t.Context(), server.Start(t), "history", "export", dir)
	left, err := os.ReadDir(dir)
	if r.failed == nil || err != nil || len(left) != 0 {
		t.Errorf("it says %v, and leaves %v (%v)", r.failed, left, err)
	}
	row.Digest = "../../etc/passwd"
	if r := command(t.Context(), server.Start(t), "history", "export", dir); r.failed == nil {
		t.Error("a digest that is a path was taken")
	}
}
