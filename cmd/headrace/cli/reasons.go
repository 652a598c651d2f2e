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
	// How often it shows how far the jobs of a run are that runs, where each time is another line.
	stagesEvery = 10 * time.Second
)

// tellReasons shows why a run waits, and how far its jobs are once it runs, as headrace job-run explain says it, until
// the function that it returns is called.
func (p *progress) tellReasons(ctx context.Context, cl *client.Client, application, run string) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause := reasonFirst; every.Pause(ctx, pause); pause = reasonEvery {
			if p.asks() {
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

// asks says whether there may be something to show: the run waits, as far as is known, or it runs, may have jobs, and
// the next line about them is due.
func (p *progress) asks() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown == "RUNNING" {
		return !p.process && p.takeStages(p.env.Now())
	}
	return slices.Contains([]string{"SUBMITTED", "QUEUED", "PENDING", "SCHEDULED"}, p.shown)
}

// takeStages says whether it is time to ask how far the jobs of a run are. If it is, they count as asked for now.
func (p *progress) takeStages(now time.Time) bool {
	if !p.env.Terminal && now.Sub(p.staged) < stagesEvery {
		return false
	}
	p.staged = now
	return true
}

// reason shows why the run waits, unless that was shown last, or the events told a newer state meanwhile.
func (p *progress) reason(e *controlv1.ExplainJobRunResponse) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := e.GetMessage()
	if e.GetState() == "RUNNING" {
		text = stages(e.GetSpark())
	}
	if e.GetState() != p.shown || text == p.why || text == "" {
		return
	}
	p.why = text
	p.line(output.ClockOf(p.env.Now()), fmt.Sprintf("%-10s %s", p.shown, p.why))
}

// stages says how far the jobs of a Spark driver are; empty if it runs none.
func stages(s *controlv1.SparkProgress) string {
	if s.GetStages() == 0 {
		return ""
	}
	running := min(s.GetStagesDone()+1, s.GetStages())
	return fmt.Sprintf("stage %d/%d, tasks %d/%d", running, s.GetStages(), s.GetTasksDone(), s.GetTasks())
}
