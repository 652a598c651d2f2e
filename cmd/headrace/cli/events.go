package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func eventsCommand(env Env) *cobra.Command {
	var from string
	var since time.Duration
	request := &controlv1.WatchEventsRequest{}
	c := &cobra.Command{
		Use:   "events",
		Short: "Show what happens, event by event, until interrupted",
		Args:  Nothing,
	}
	s := newShared(env, c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		const doing = "watch events"
		position, err := positionOf(from)
		if err != nil {
			return fail(doing, err)
		}
		request.From = position
		if request.SinceSeconds, err = sinceOf(since, from); err != nil {
			return fail(doing, err)
		}
		return s.call(doing, func(cl *client.Client) error {
			if err := (&finder{ctx: c.Context(), cl: cl}).subjects(request); err != nil {
				return fail(doing, err)
			}
			err := s.watch(c.Context(), cl, request)
			if c.Context().Err() != nil {
				return nil // the user has seen enough
			}
			return fail(doing, err)
		})
	}
	flags := c.Flags()
	flags.StringVar(&from, "from", "", "RECORD or RECORD.EVENT to begin with; by default what comes next")
	flags.DurationVar(&since, "since", 0, "begin with what happened so long ago, such as 10m, as far as it is kept")
	flags.StringVar(&request.ApplicationId, "application", "", "only this application's, by id or name")
	flags.StringVar(&request.JobRunId, "job-run", "", "only this job run's; - is the last one that you submitted")
	flags.StringVar(&request.NodeId, "node", "", "only this node's, by id or name")
	s.completeFrom(c, "application", offerApplications)
	s.completeFrom(c, "job-run", offerJobRuns)
	s.completeFrom(c, "node", offerNodes)
	return c
}

// sinceOf returns how many seconds ago to begin, at least one if any; 0: as --from says.
func sinceOf(since time.Duration, from string) (int64, error) {
	switch {
	case since < 0:
		return 0, badFlag("since", "cannot begin %s in the future: give how long ago, such as 10m", -since)
	case since > 0 && from != "":
		return 0, badFlag("since", "cannot stand beside --from: both say where to begin")
	}
	return seconds(since), nil
}

// seconds returns a time in seconds, as whole ones that have it.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// positionOf reads RECORD or RECORD.EVENT.
func positionOf(text string) (*controlv1.Position, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // what comes next
	}
	before, after, _ := strings.Cut(text, ".")
	record, err := strconv.ParseUint(before, 10, 64)
	event := uint64(0)
	if err == nil && after != "" {
		event, err = strconv.ParseUint(after, 10, 32)
	}
	if err != nil {
		return nil, badFlag("from", "cannot read %q: give RECORD or RECORD.EVENT, such as 1200.3", text)
	}
	return &controlv1.Position{Record: record, Event: uint32(event)}, nil
}

// watch prints events until the context ends; it goes on where it was when a stream breaks.
func (s *shared) watch(ctx context.Context, cl *client.Client, request *controlv1.WatchEventsRequest) error {
	began := s.Now().Add(-time.Duration(request.GetSinceSeconds()) * time.Second)
	told := false
	return cl.Retry(ctx, func(alive func()) error {
		if request.GetSinceSeconds() > 0 { // no event came yet: what happened meanwhile is wanted, too
			request.SinceSeconds = seconds(s.Now().Sub(began))
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		events, err := cluster(cl).WatchEvents(ctx, request)
		if err != nil {
			return err
		}
		if request.GetSinceSeconds() > 0 {
			if err := s.tellKept(events, &told); err != nil {
				return err
			}
		}
		for {
			event, err := events.Recv()
			if errors.Is(err, io.EOF) {
				return errs.New(errs.Unavailable, "the server ended the stream")
			}
			if err != nil {
				return err
			}
			alive()
			if err := s.printEvent(event); err != nil {
				return err
			}
			request.From = event.GetNext()
			request.SinceSeconds = 0
		}
	})
}

// Headers of a server that is asked for what happened before.
const (
	sinceKey    = "headrace-since"     // it does as it is asked
	keptFromKey = "headrace-kept-from" // from when on it keeps events, if older ones were asked for
)

// tellKept says from when on events are kept, if older ones were asked for. A server of an older version does not know
// that it is asked for them: it would begin with what comes next.
func (s *shared) tellKept(
	events grpc.ServerStreamingClient[controlv1.WatchEventsResponse],
	told *bool,
) error {
	header, err := events.Header()
	if err != nil || header == nil { // the stream says why
		return err
	}
	if len(header.Get(sinceKey)) == 0 {
		return badFlag("since", "cannot be given to a server of an older version, such as the one that answers: "+
			"upgrade it, or leave --since out")
	}
	oldest := header.Get(keptFromKey)
	if *told || len(oldest) == 0 {
		return nil
	}
	*told = true
	return output.Line(s.Err, "events from before %s are no longer kept", oldest[0])
}

func (s *shared) printEvent(e *controlv1.WatchEventsResponse) error {
	if s.format == "json" {
		return output.JSONLine(s.Out, e)
	}
	position := fmt.Sprintf("%d.%d", e.GetPosition().GetRecord(), e.GetPosition().GetEvent())
	line := fmt.Sprintf(
		"%s  %8s  %-23s  %s",
		output.Clock(e.GetTime()),
		position,
		e.GetKind(),
		strings.Join(aspects(e), "  "),
	)
	return output.Line(s.Out, "%s", strings.TrimRight(line, " "))
}

// aspects says what an event is about, in a fixed order.
func aspects(e *controlv1.WatchEventsResponse) []string {
	var all []string
	add := func(name, value string) {
		if value != "" && value != "0" {
			all = append(all, name+"="+value)
		}
	}
	add("state", e.GetState())
	add("application", e.GetApplicationId())
	add("run", e.GetJobRunId())
	add("attempt", strconv.Itoa(int(e.GetAttempt())))
	add("type", e.GetWorkerType())
	add("number", strconv.Itoa(int(e.GetWorkerNumber())))
	add("worker", e.GetWorkerId())
	add("workers", strconv.Itoa(int(e.GetWorkers())))
	add("node", e.GetNodeId())
	add("by", e.GetBy())
	return all
}
