package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/headrace/headrace/agent/release"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// maxMessage is the longest message of a status, in bytes.
const maxMessage = 4 << 10

// testReleases brings releases as tests say.
type testReleases struct {
	mu    sync.Mutex
	holds map[string]string // by holder
	calls int
	fails error
	gate  chan struct{} // nil: at once
}

func newTestReleases() *testReleases { return &testReleases{holds: map[string]string{}} }

func (r *testReleases) Hold(holder, label string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.holds[holder] = label
}

func (r *testReleases) Free(holder string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.holds, holder)
}

func (r *testReleases) Ensure(ctx context.Context, label string, _ []byte) (release.Release, error) {
	r.mu.Lock()
	r.calls++
	fails := r.fails
	r.mu.Unlock()
	if r.gate != nil {
		select {
		case <-r.gate:
		case <-ctx.Done():
			return release.Release{}, ctx.Err()
		}
	}
	return release.Release{Label: label}, fails
}

func (r *testReleases) Labels() []string { return nil }

// seen returns who holds releases, in order, and how often one was asked for.
func (r *testReleases) seen() (holders []string, calls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.holds)), r.calls
}

// slotFor returns a slot of an application with that release.
func slotFor(id, label string) *agentv1.AssignedSlot {
	return &agentv1.AssignedSlot{
		SlotId:        id,
		ApplicationId: "app",
		Type:          "EXECUTOR",
		ReleaseLabel:  label,
		ReleaseDigest: []byte("d"),
	}
}

// holding returns a complete assignment of slots.
func holding(record uint64, slots ...*agentv1.AssignedSlot) *agentv1.Assignment {
	return &agentv1.Assignment{Term: 1, Record: record, Complete: true, Slots: slots}
}

// slotsOf collects reports until all those slots are told of.
func (s *testServer) slotsOf(t *testing.T, ids ...string) map[string]*agentv1.SlotStatus {
	t.Helper()
	told := map[string]*agentv1.SlotStatus{}
	for !slices.Equal(slices.Sorted(maps.Keys(told)), ids) {
		for _, status := range receive(t, fmt.Sprint("reports of ", ids), s.reports).GetSlots() {
			told[status.GetSlotId()] = status
		}
	}
	return told
}

func TestSlots_AreReadyOnceTheirReleaseIsThere(t *testing.T) {
	server, _ := serve(t)
	config, releases := configFor(t, server), newTestReleases()
	config.Releases, releases.gate = releases, make(chan struct{})
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, slotFor("a", "emr-7.2.0"), slotFor("b", "emr-7.2.0"), slotFor("c", "")))
	if told := server.slotsOf(t, "c"); !told["c"].GetReady() {
		t.Errorf("a slot that needs no release is %v", told["c"])
	}
	id := idOf(t)
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 2, Workers: []*agentv1.AssignedWorker{script(id, "true")}})
	server.statusOf(t, id, agentv1.Phase_PHASE_ENDED) // it waited for no slot
	close(releases.gate)
	for id, status := range server.slotsOf(t, "a", "b") {
		if !status.GetReady() || status.GetError() != "" {
			t.Errorf("slot %s is %v", id, status)
		}
	}
	if holders, calls := releases.seen(); calls != 1 || !slices.Equal(holders, []string{"slot a", "slot b"}) {
		t.Errorf("the release was brought %d times, want once; %q hold it", calls, holders)
	}
}

func TestSlots_AreToldAgainToANewSession(t *testing.T) {
	server, _ := serve(t)
	config, releases := configFor(t, server), newTestReleases()
	config.Releases = releases
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, slotFor("a", "emr-7.2.0")))
	server.slotsOf(t, "a")
	server.cut()
	receive(t, "a second registration", server.registers)
	server.assign(t, holding(2, slotFor("a", "emr-7.2.0"), slotFor("b", "emr-7.2.0")))
	for id, status := range server.slotsOf(t, "a", "b") {
		if !status.GetReady() {
			t.Errorf("slot %s is %v", id, status)
		}
	}
	if _, calls := releases.seen(); calls != 2 {
		t.Errorf("the release was asked for %d times, want once for each slot that was new", calls)
	}
}

func TestSlots_SayWhyTheyCannotBePrepared(t *testing.T) {
	server, _ := serve(t)
	config, releases := configFor(t, server), newTestReleases()
	releases.fails = errors.New(strings.Repeat("x", 2*maxMessage) + " no such archive")
	config.Releases = releases
	run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, slotFor("a", "emr-7.2.0")))
	status := server.slotsOf(t, "a")["a"]
	if status.GetReady() || len(status.GetError()) > maxMessage ||
		!strings.HasSuffix(status.GetError(), "no such archive") {
		t.Errorf("the slot is %v", status)
	}
	releases.mu.Lock()
	releases.fails = nil
	releases.mu.Unlock()
	again := slotFor("a", "emr-7.2.0")
	again.ReleaseDigest = []byte("another")
	server.assign(t, &agentv1.Assignment{Term: 1, Record: 2, Slots: []*agentv1.AssignedSlot{again}})
	if status := server.slotsOf(t, "a")["a"]; !status.GetReady() {
		t.Errorf("a slot that changed is %v, want prepared anew", status)
	}
}

func TestSlots_WithoutAReleaseOnTheNodeNameIt(t *testing.T) {
	server, _ := serve(t)
	run(t, configFor(t, server), Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, slotFor("a", "emr-7.2.0")))
	if status := server.slotsOf(t, "a")["a"]; status.GetReady() || !strings.Contains(status.GetError(), "emr-7.2.0") {
		t.Errorf("the slot is %v", status)
	}
}

func TestSlots_DoNotKeepTheAgentFromLeaving(t *testing.T) {
	server, _ := serve(t)
	config, releases := configFor(t, server), newTestReleases()
	config.Releases, releases.gate = releases, make(chan struct{})
	_, stop := run(t, config, Engines{})
	receive(t, "a registration", server.registers)
	server.assign(t, holding(1, slotFor("a", "emr-7.2.0")))
	eventually(t, "the release is brought", func() bool { _, calls := releases.seen(); return calls == 1 })
	stop()
}
