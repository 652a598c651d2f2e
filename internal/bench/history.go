package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/headrace/headrace/fsm/state"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/copies"
	"github.com/headrace/headrace/server/history"
	"github.com/headrace/headrace/server/history/segment"
)

// historyRuns is how many runs lie in the history that is measured.
var historyRuns = flag.Int("history-runs", 1_000_000, "job runs in the history")

// What the history that is measured is like, and how often it is asked.
const (
	historyApplications = 50
	historyAsked        = 2000
	historyPage         = 50
)

// measureHistory measures how soon runs of a long history are found, and what memory that takes.
func measureHistory(ctx context.Context, to *figures, _ string) (err error) {
	dir, err := os.MkdirTemp("", "headrace-history-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	past := &pastRuns{dir: dir, total: *historyRuns}
	if err := past.make(); err != nil {
		return err
	}
	conditions := fmt.Sprintf("%d job runs with a worker each in %d segments, of %d applications; one caller, no network",
		past.total, past.view.HistoryTotals().Segments, historyApplications)
	debug.FreeOSMemory()
	before := resident("/proc/self")
	past.store, err = history.OpenStore(dir)
	if err != nil {
		return err
	}
	past.history = history.New(&history.Replicas{Local: past.store, Peers: nobodyElse})
	for _, part := range []struct {
		name string
		ask  func(ctx context.Context) error
	}{
		{"history.get", past.get},
		{"history.worker", past.worker},
		{"history.list", func(ctx context.Context) error { return past.list(ctx, segment.Query{}) }},
		{"history.list.application", past.listApplication},
		{"history.list.failed", past.listFailed},
	} {
		sample, err := past.sample(ctx, part.ask)
		if err != nil {
			return err
		}
		to.add(part.name+".p50", quantile(sample, 0.5), "ms", conditions)
		to.add(part.name+".p99", quantile(sample, 0.99), "ms", conditions)
	}
	to.add("history.rss", resident("/proc/self")-before, "MiB", conditions+"; what all of this added to a process")
	return past.sizes(to, conditions)
}

func nobodyElse() copies.Voters { return copies.Voters{Self: true, Majority: 1} }

// pastRuns is a history that was made for this.
type pastRuns struct {
	dir     string
	total   int
	store   *history.Store
	history *history.History
	view    *state.View
}

// make writes the segments, each of as many runs as one takes, and the view of a state that has their rows.
func (p *pastRuns) make() error {
	store, err := history.OpenStore(p.dir)
	if err != nil {
		return err
	}
	tx := state.New().Begin()
	for from := 0; from < p.total; from += command.MaxSegmentRuns {
		view := p.some(from, min(from+command.MaxSegmentRuns, p.total))
		runs := make([]*state.JobRun, 0, command.MaxSegmentRuns)
		for run := range view.Finished() {
			runs = append(runs, run)
		}
		made, err := store.Write(view, runs)
		if err == nil {
			err = store.MakeIndex(made.Name())
		}
		if err != nil {
			return err
		}
		tx.PutSegment(made)
	}
	p.view = tx.Commit()
	return nil
}

// some is a state with runs that are over: one a second, each for up to an hour, one of a hundred FAILED.
func (p *pastRuns) some(from, to int) *state.View {
	tx := state.New().Begin()
	for n := range historyApplications {
		a := state.Application{ID: pastID("a", n), State: state.ApplicationStarted}
		a.Decide(specv1.Application_builder{Name: new(fmt.Sprintf("application-%d", n))}.Build())
		tx.PutApplication(a)
	}
	for n := from; n < to; n++ {
		p.run(tx, n)
	}
	return tx.Commit()
}

func (p *pastRuns) run(tx *state.Tx, n int) {
	created := time.Unix(1_800_000_000+int64(n), 0).UTC()
	ended := created.Add(time.Duration(n*7919%3600) * time.Second)
	run := state.JobRun{
		ID:          pastID("r", n),
		Application: pastID("a", n%historyApplications),
		Release:     "emr-7.2.0",
		CreatedBy:   fmt.Sprintf("user-%d", n%20),
		State:       state.RunSuccess,
		Attempt:     1,
		Created:     created,
		Updated:     ended,
		Entered:     ended,
		Started:     created,
		Ended:       ended,
		Spec: specv1.JobRun_builder{
			Name: new(fmt.Sprintf("nightly-%d", n%1000)),
			Tags: map[string]string{"team": fmt.Sprintf("team-%d", n%10)},
			Driver: specv1.JobDriver_builder{SparkSubmit: specv1.SparkSubmit_builder{
				EntryPoint: new(fmt.Sprintf("s3://bucket/jobs/job-%d.py", n%500)),
			}.Build()}.Build(),
		}.Build(),
	}
	if n%100 == 0 {
		run.State = state.RunFailed
		run.Failure = state.Failure{Kind: state.FailedUserError, Message: "its driver ended with exit code 1"}
	}
	tx.PutJobRun(run)
	tx.PutAttempt(state.Attempt{
		Run: run.ID, Number: 1, State: state.AttemptSucceeded, Zone: "a", Created: created, Running: created, Ended: ended,
	})
	tx.PutWorker(state.Worker{
		ID: pastID("w", n), Run: run.ID, Application: run.Application, Attempt: 1, Type: state.TypeDriver, Epoch: 1,
		Node: pastID("n", n%100), State: state.WorkerEnded, Exit: state.Exit{Reason: state.ExitExited},
		Placed: created, Running: created, Ended: ended,
	})
}

// pastID returns the id that the n-th of a kind has. It is of the time when the n-th run was submitted, as those of a
// cluster are, and as random.
func pastID(kind string, n int) string {
	var id ulid.ULID
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", kind, n))
	copy(id[:], sum[:])
	_ = id.SetTime(uint64(1_800_000_000+n) * 1000) // it fails in the year 10889
	return strings.ToLower(id.String())
}

func (p *pastRuns) sample(ctx context.Context, ask func(context.Context) error) (took []time.Duration, err error) {
	for range historyAsked {
		began := time.Now()
		if err := ask(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

func (p *pastRuns) get(ctx context.Context) error {
	id := pastID("r", rand.IntN(p.total))
	view, err := p.history.Recall(ctx, p.view, id)
	if err == nil && view.JobRun(id) == nil {
		err = fmt.Errorf("run %s is not found", id)
	}
	return err
}

func (p *pastRuns) worker(ctx context.Context) error {
	id := pastID("w", rand.IntN(p.total))
	view, err := p.history.RecallWorker(ctx, p.view, id)
	if err == nil && view.Worker(id) == nil {
		err = fmt.Errorf("worker %s is not found", id)
	}
	return err
}

func (p *pastRuns) listApplication(ctx context.Context) error {
	return p.list(ctx, segment.Query{Application: pastID("a", rand.IntN(historyApplications))})
}

func (p *pastRuns) listFailed(ctx context.Context) error {
	return p.list(ctx, segment.Query{States: []state.JobRunState{state.RunFailed}})
}

// list reads a page that begins anywhere.
func (p *pastRuns) list(ctx context.Context, q segment.Query) error {
	all := p.history.List(ctx, p.view, q, pastID("r", rand.IntN(p.total)))
	defer all.Close()
	for range historyPage {
		id, more, err := all.Head("")
		if err != nil || id == "" || more != "" {
			return err
		}
		if _, _, err := all.Take(); err != nil {
			return err
		}
	}
	return nil
}

// sizes adds what the history takes on the disk.
func (p *pastRuns) sizes(to *figures, conditions string) error {
	bytes := map[string]int64{}
	err := filepath.WalkDir(p.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			bytes[filepath.Ext(path)] += info.Size()
		}
		return err
	})
	to.add("history.segment.bytes", float64(bytes[".parquet"])/float64(p.total), "B/run", conditions)
	to.add("history.index.bytes", float64(bytes[".index"])/float64(p.total), "B/run", conditions)
	return err
}
