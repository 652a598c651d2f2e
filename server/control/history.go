package control

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/inflight"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/control/message"
	"github.com/headrace/headrace/server/control/paging"
)

// Bounds of the segments that are read at once.
const (
	maxSegments       = 16
	maxSegmentsOfUser = 4
	segmentWait       = 10 * time.Second // for such a place
)

// histories implements HistoryService.
type histories struct {
	controlv1.UnimplementedHistoryServiceServer
	*Control
	reading *inflight.Limit // of segments that are read
}

// ListSegments returns the segments of the history, the newest first, and how much is in all of them.
func (h *histories) ListSegments(
	ctx context.Context,
	r *controlv1.ListSegmentsRequest,
) (*controlv1.ListSegmentsResponse, error) {
	page, err := paging.Asked(r, 1000)
	if err != nil {
		return nil, err
	}
	view, err := h.router.Read(ctx, r.GetStale())
	if err != nil {
		return nil, err
	}
	rows, next := paging.Cut(
		page,
		view.Segments(page.After),
		func(*state.Segment) bool { return true },
		func(s *state.Segment) string { return s.SegmentKey() },
		message.Segment,
	)
	all := view.HistoryTotals()
	return &controlv1.ListSegmentsResponse{
		Segments:        rows,
		NextToken:       next,
		Record:          view.Sequence,
		AllSegments:     all.Segments,
		AllJobRuns:      all.Runs,
		AllBytes:        all.Bytes,
		FinishedInState: int64(view.CountFinished()),
	}, nil
}

// ReadSegment streams a segment, no faster than its caller reads.
func (h *histories) ReadSegment(
	r *controlv1.ReadSegmentRequest,
	stream grpc.ServerStreamingServer[controlv1.ReadSegmentResponse],
) error {
	ctx := stream.Context()
	name := strings.ToLower(r.GetDigest())
	if digest, err := hex.DecodeString(name); err != nil || len(digest) != 32 {
		return errs.Field("digest", "%.80q is not a SHA-256 in hexadecimal", r.GetDigest())
	}
	leave := h.reading.Wait(ctx, caller.Of(ctx).User, segmentWait)
	if leave == nil {
		return errs.New(errs.Overloaded,
			"cannot read the segment now: %d are being read by this client, or %d by all; try again later",
			maxSegmentsOfUser, maxSegments)
	}
	defer leave()
	view, err := h.router.Read(ctx, false)
	if err != nil {
		return err
	}
	of := view.Segment(name)
	if of == nil {
		return errs.New(errs.NotFound,
			"there is no segment %s; `headrace history stats --segments` lists those that there are", name)
	}
	if err := h.cfg.Segments.Ensure(ctx, of); err != nil {
		return err
	}
	return h.cfg.Segments.Local.Stream(name, func(part []byte) error {
		return inTime(maxSend, func() error { return stream.Send(&controlv1.ReadSegmentResponse{Data: part}) })
	})
}
