package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// many are runs that are submitted at once.
type many struct {
	*cluster
	request *controlv1.StartJobRunRequest
	count   int
	told    atomic.Int64 // submissions that were answered
}

// Runs are submitted through all servers while leaders die: each ran once, and each token stands for one run.
func TestRuns_EachRunsOnceWhileLeadersDie(t *testing.T) {
	t.Parallel()
	count := number(t, "HEADRACE_E2E_RUNS", 1000)
	seed := number(t, "HEADRACE_E2E_SEED", int(time.Now().UnixNano()%1e6))
	t.Logf("HEADRACE_E2E_SEED=%d", seed)
	c := newCluster(t, shape{nodes: []string{"a-1", "a-2", "b-1", "b-2", "c-1", "c-2"}, cpu: 4000})
	ran := c.shared("ran")
	m := &many{cluster: c, count: count, request: requestIn(
		c.application(specv1.Engine_ENGINE_PROCESS, ""),
		script("echo $HEADRACE_JOB_RUN_ID $HEADRACE_WORKER_ID >> "+ran),
	)}

	began := time.Now()
	ids := make(chan []string, 1)
	go func() { ids <- m.submitAll(c.t.Context()) }()
	kills := m.killLeaders(rand.New(rand.NewPCG(uint64(seed), 0)), 8)
	first := <-ids
	t.Logf(
		"%d runs were accepted after %s, while %d leaders were killed",
		count,
		time.Since(began).Round(time.Second),
		kills,
	)
	m.killLeader().start()
	m.ended(first)
	t.Logf("they were over after %s", time.Since(began).Round(time.Second))
	m.ranOnce(c.file(ran, count, time.Minute), first)
	if again := m.submitAll(c.t.Context()); !slices.Equal(again, first) {
		t.Error("the same tokens gave other runs")
	}
	if lines := c.file(ran, count, time.Second); len(lines) != count {
		t.Errorf("%d programs ran, not %d", len(lines), count)
	}
}

// submitAll submits all runs, sixteen at a time, each server being asked first for a third of them, and returns their
// ids.
func (m *many) submitAll(ctx context.Context) []string {
	ids := make([]string, m.count)
	clients := make([]controlv1.JobRunServiceClient, nServers)
	servers := m.addresses(1)
	for i := range clients {
		clients[i] = controlv1.NewJobRunServiceClient(newClient(m.t, append(slices.Clone(servers[i:]), servers[:i]...)))
	}
	next := atomic.Int64{}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < m.count; i = int(next.Add(1)) - 1 {
				request := proto.CloneOf(m.request)
				request.ClientToken = fmt.Sprintf("token-%d", i)
				started, err := clients[i%nServers].StartJobRun(ctx, request)
				if err != nil {
					m.t.Errorf("cannot submit run %d: %v", i, err)
				}
				ids[i] = started.GetJobRun().GetJobRunId()
				m.told.Add(1)
			}
		})
	}
	group.Wait()
	return ids
}

// killLeaders kills leaders at random numbers of accepted runs, starts each again, and returns how many it killed.
func (m *many) killLeaders(random *rand.Rand, limit int) (kills int) {
	m.t.Helper()
	at := make([]int, limit)
	for i := range at {
		at[i] = random.IntN(m.count * 9 / 10)
	}
	slices.Sort(at)
	for _, threshold := range at {
		eventually(m.t, 2*time.Minute, fmt.Sprintf("%d runs are accepted", threshold), func() error {
			if told := m.told.Load(); told < int64(threshold) {
				return fmt.Errorf("only %d are", told)
			}
			return nil
		})
		m.killLeader().start()
		kills++
		eventually(m.t, time.Minute, "three servers live", m.allAlive)
	}
	return kills
}

// ended waits until all runs are over, and checks that they succeeded at once.
func (m *many) ended(ids []string) {
	m.t.Helper()
	var all map[string]*controlv1.JobRun
	eventually(m.t, 3*time.Minute, "all runs are over", func() error {
		if left := m.status().GetUnfinishedRuns(); left > 0 {
			return fmt.Errorf("%d are not", left)
		}
		all = m.list()
		for id, run := range all {
			if !over(run.GetState()) {
				return fmt.Errorf("run %s is %s", id, run.GetState())
			}
		}
		return nil
	})
	if len(all) != m.count {
		m.t.Errorf("there are %d runs, not %d", len(all), m.count)
	}
	for i, id := range ids {
		if run := all[id]; run.GetState() != "SUCCESS" || run.GetAttempt() != 1 {
			m.t.Errorf("run %d: %v", i, run)
		}
	}
}

// list returns all runs by id.
func (m *many) list() map[string]*controlv1.JobRun {
	m.t.Helper()
	all := map[string]*controlv1.JobRun{}
	for token := ""; ; {
		page, err := m.runs().ListJobRuns(m.t.Context(), &controlv1.ListJobRunsRequest{
			ApplicationId: m.request.GetApplicationId(),
			NextToken:     token,
		})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, run := range page.GetJobRuns() {
			all[run.GetJobRunId()] = run
		}
		if token = page.GetNextToken(); token == "" {
			return all
		}
	}
}

// ranOnce checks the lines that programs wrote: one for each run.
func (m *many) ranOnce(lines, ids []string) {
	m.t.Helper()
	ran := map[string][]string{}
	for _, line := range lines {
		run, worker, _ := strings.Cut(line, " ")
		ran[run] = append(ran[run], worker)
	}
	for i, id := range ids {
		if len(ran[id]) != 1 {
			m.t.Errorf("run %d (%s) ran %d times, in workers %v", i, id, len(ran[id]), ran[id])
		}
	}
	if len(ran) != m.count || len(lines) != m.count {
		m.t.Errorf("%d runs in %d lines, not %d", len(ran), len(lines), m.count)
	}
}
