package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func historyCommand(env Env) *cobra.Command {
	c := parent("history", "Job runs that are over, as Parquet files")
	s := newShared(env, c)
	c.AddCommand(historyStats(s), exportHistory(s))
	return c
}

func historyStats(s *shared) *cobra.Command {
	var each bool
	c := &cobra.Command{
		Use:   "stats",
		Short: "Show how many job runs the history has, from when, and how large it is",
		Args:  Nothing,
		RunE: s.with("get history stats", func(c *cobra.Command, cl *client.Client, _ []string) error {
			answer, err := segments(c.Context(), cl)
			if err != nil {
				return err
			}
			return s.print(answer, func() error { return writeHistory(s, answer, each) })
		}),
	}
	c.Flags().BoolVar(&each, "segments", false, "each file, too")
	return c
}

// segments returns all segments, and how much is in them.
func segments(ctx context.Context, cl *client.Client) (*controlv1.ListSegmentsResponse, error) {
	all := &controlv1.ListSegmentsResponse{}
	rows, err := pages(0, func(token string) ([]*controlv1.Segment, string, error) {
		page, err := histories(cl).ListSegments(ctx, &controlv1.ListSegmentsRequest{NextToken: token})
		if token == "" && err == nil {
			all = page
		}
		return page.GetSegments(), page.GetNextToken(), err
	})
	all.Segments = rows
	all.NextToken = ""
	return all, err
}

func writeHistory(s *shared, a *controlv1.ListSegmentsResponse, each bool) error {
	first, last := span(a.GetSegments())
	f := s.fields()
	f.Add("Job runs", strconv.FormatInt(a.GetAllJobRuns(), 10))
	f.Add("Files", strconv.FormatInt(a.GetAllSegments(), 10))
	f.Add("Bytes", strconv.FormatInt(a.GetAllBytes(), 10))
	f.Add("First end", output.Time(s.Now(), first))
	f.Add("Last end", output.Time(s.Now(), last))
	f.Add("Over, and still in memory", strconv.FormatInt(a.GetFinishedInState(), 10))
	if err := f.Write(s.Out); err != nil || !each {
		return err
	}
	_ = say(s, "\n")
	return writeSegments(s, a.GetSegments())
}

// span returns when the first and the last run of segments ended; nil: there are none.
func span(rows []*controlv1.Segment) (first, last *timestamppb.Timestamp) {
	for _, r := range rows {
		if first == nil || r.GetFirstEndedAt().AsTime().Before(first.AsTime()) {
			first = r.GetFirstEndedAt()
		}
		if last == nil || r.GetLastEndedAt().AsTime().After(last.AsTime()) {
			last = r.GetLastEndedAt()
		}
	}
	return first, last
}

func writeSegments(s *shared, rows []*controlv1.Segment) error {
	t := s.table("SHA256", ">RUNS", ">BYTES", "FIRST END", "LAST END")
	for _, r := range rows {
		t.Add(
			r.GetDigest(),
			strconv.FormatInt(r.GetJobRuns(), 10),
			strconv.FormatInt(r.GetSizeBytes(), 10),
			output.Time(s.Now(), r.GetFirstEndedAt()),
			output.Time(s.Now(), r.GetLastEndedAt()),
		)
	}
	return t.Write(s.Out)
}
