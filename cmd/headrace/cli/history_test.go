package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
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
