package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/every"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// When a command that waits for a run asks why the run waits. Room, limits and slots change without
// an event of the run, so nothing would tell.
const (
	reasonFirst = 500 * time.Millisecond // most runs do not wait
	reasonEvery = 2 * time.Second
)

// tellReasons shows why a run waits, as headrace job-run explain says it, until the function that it returns is called.
func (p *progress) tellReasons(ctx context.Context, cl *client.Client, application, run string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause := reasonFirst; every.Pause(ctx, pause); pause = reasonEvery {
			if p.waits() {
				p.askReason(ctx, cl, application, run)
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// askReason asks once. Who cannot be asked now is asked again later.
func (p *progress) askReason(ctx context.Context, cl *client.Client, application, run string) {
	ctx, cancel := context.WithTimeout(ctx, 2*reasonEvery)
	defer cancel()
	answer, err := jobRuns(cl).ExplainJobRun(ctx, &controlv1.ExplainJobRunRequest{
		ApplicationId: application,
		JobRunId:      run,
	})
	if err == nil && answer.GetMessage() != "" {
		p.reason(answer)
	}
}

// waits says whether the run waits, as far as is known.
func (p *progress) waits() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains([]string{"SUBMITTED", "QUEUED", "PENDING", "SCHEDULED"}, p.shown)
}

// reason shows why the run waits, unless that was shown last, or the events told a newer state meanwhile.
func (p *progress) reason(e *controlv1.ExplainJobRunResponse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.GetState() != p.shown || e.GetMessage() == p.why {
		return
	}
	p.why = e.GetMessage()
	p.line(output.ClockOf(p.env.Now()), fmt.Sprintf("%-10s %s", p.shown, p.why))
}
