package attack

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/simnode"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// parts are parts of a log that no honest node sends.
var parts = []*agentv1.LogPart{
	{
		Offset: -1,
		Data:   []byte("x"),
	},
	{
		Offset: math.MinInt64,
		Data:   []byte("x"),
	},
	{
		Offset: math.MaxInt64,
		Data:   []byte("x"),
	},
	{Offset: math.MinInt64},
	{Offset: 0, Data: []byte(strings.Repeat("x", 3<<20))},
	nil,
}

// A node that answered with a part of a log at a negative offset ended every server that was asked, one after another.
func TestServerLog_AWildPartOfALogStopsNobody(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{})
	var mu sync.Mutex
	served := 0
	w.hostile("z", func(stream agentv1.AgentService_DataClient) {
		if _, err := stream.Recv(); err != nil {
			return
		}
		mu.Lock()
		part := parts[served%len(parts)]
		served++
		mu.Unlock()
		_ = stream.Send(&agentv1.DataRequest{Message: &agentv1.DataRequest_LogPart{LogPart: part}})
		_ = stream.Send(
			&agentv1.DataRequest{
				Message: &agentv1.DataRequest_LogEnd{LogEnd: &agentv1.LogEnd{Error: strings.Repeat("e", 1<<20)}},
			},
		)
		_, _ = stream.Recv() // until the server closes
	})
	run := w.onHostile(w.application)
	var group sync.WaitGroup
	for _, s := range w.cluster.Servers {
		for range 2 * len(parts) {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if text := w.log(ctx, s, &controlv1.ReadLogRequest{
					ApplicationId: w.application,
					JobRunId:      run,
					Stream:        "stdout",
				}); text != "" {
					t.Errorf("%s passed on %d bytes", s.ID(), len(text))
				}
			})
		}
	}
	group.Wait()
	if mu.Lock(); served < len(parts) {
		t.Errorf("the node served %d streams", served)
	}
	mu.Unlock()
	w.others()
}

// onHostile submits a run that only fits on the hostile node, and waits until it runs.
func (w *serverWorld) onHostile(application string) (run string) {
	w.t.Helper()
	run = w.submit(application, 0, func(p *specv1.Process) {
		p.SetDriverSize(processSize(60_000, 100<<10, 1))
	})
	testcluster.Eventually(
		w.t,
		"a run on the hostile node",
		func() bool { return w.run(application, run).GetState() == "RUNNING" },
	)
	return run
}

// An offset that nothing has was counted down part by part for ever, also after its reader was gone and the server was
// to end.
func TestServerLog_AnOffsetAfterEverythingEndsAtOnce(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{})
	kept := w.process(func(a *specv1.Application) { a.SetMonitoring(keepsLogs()) })
	lonely := w.cluster.Node(testcluster.NodeConfig{
		Name:      "lonely",
		Zone:      "z",
		MilliCPU:  64_000,
		MemoryMiB: 512 << 10,
		Script: func(*agentv1.AssignedWorker) simnode.Program {
			return simnode.Hangs()
		},
	})
	run := w.onHostile(kept)
	for _, offset := range []int64{9_000_000_000_000_000_000, math.MaxInt64, math.MinInt64, -1} {
		stream, err := w.client().ReadLog(testcluster.Within(t), &controlv1.ReadLogRequest{
			ApplicationId: kept,
			JobRunId:      run,
			Stream:        "stdout",
			Offset:        offset,
		})
		if err == nil {
			_, err = stream.Recv()
		}
		if err = grpcerr.FromStatus(err); !errs.Is(err, errs.Invalid) {
			t.Errorf("offset %d: %v", offset, err)
		}
	}
	lonely.Crash()
	w.cluster.AwaitNode(lonely, "LOST")
	for _, follow := range []bool{false, true} {
		began := time.Now()
		for _, s := range w.cluster.Servers {
			w.log(testcluster.Within(t), s, &controlv1.ReadLogRequest{
				ApplicationId: kept,
				JobRunId:      run,
				Attempt:       1,
				Stream:        "stdout",
				Offset:        1 << 50,
				Follow:        follow,
			})
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("following %t: reading took %s", follow, took)
		}
	}
	w.others()
	w.stopsWithin(20 * time.Second)
}

// stopsWithin holds that servers end, one after another.
func (w *serverWorld) stopsWithin(limit time.Duration) {
	w.t.Helper()
	for _, s := range w.cluster.Servers {
		began := time.Now()
		s.Stop()
		if took := time.Since(began); took > limit {
			w.t.Errorf("%s took %s to end", s.ID(), took)
		}
	}
}

// What is stored is stored at an offset that can be.
func TestServerLog_NothingIsStoredAtWildOffsets(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{})
	kept := w.process(func(a *specv1.Application) { a.SetMonitoring(keepsLogs()) })
	h := w.hostile("z", func(agentv1.AgentService_DataClient) {})
	run := w.onHostile(kept)
	file := fmt.Sprintf("applications/%s/jobs/%s/PROCESS_DRIVER/stdout.gz", kept, run)
	for _, s := range w.cluster.Servers {
		conn := w.cluster.DialNode(s, "hostile", h.id)
		agent := &rawAgent{AgentServiceClient: agentv1.NewAgentServiceClient(conn), t: t, id: h.id}
		for _, offset := range []int64{-1, math.MinInt64, math.MaxInt64, 1 << 62} {
			if size, err := agent.store(file, offset, "x"); size != 0 || err == nil {
				t.Errorf("%s keeps %d bytes at %d: %v", s.ID(), size, offset, err)
			}
			for _, err := range []error{fetched(agent.FetchRelease(t.Context(), &agentv1.FetchReleaseRequest{
				Digest: make([]byte, 32),
				Offset: offset,
			}))} {
				if err == nil {
					t.Errorf("%s sends a release from %d on", s.ID(), offset)
				}
			}
		}
		if size, err := agent.store(file, 0, "x"); size != 1 || err != nil {
			t.Errorf("%s keeps %d bytes of what may be kept: %v", s.ID(), size, err)
		}
		_ = conn.Close()
	}
	w.others()
}

// fetched is the error of a stream.
func fetched[M any](stream interface{ Recv() (M, error) }, err error) error {
	if err == nil {
		_, err = stream.Recv()
	}
	return err
}
