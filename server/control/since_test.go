package control

import (
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// first returns the first event of a watch, and since when events are kept, if the watch wanted more.
func (s *service) first(r *controlv1.WatchEventsRequest) (*controlv1.WatchEventsResponse, []string) {
	s.t.Helper()
	stream, err := s.WatchEvents(s.t.Context(), r)
	must(s.t, err)
	header, err := stream.Header()
	must(s.t, err)
	if len(header.Get(sinceKey)) != 1 {
		s.t.Errorf("it does not say that it begins as asked: %v", header)
	}
	m, err := stream.Recv()
	must(s.t, err)
	return m, header.Get(keptFromKey)
}

func TestD4_AWatchBeginsSoLongAgo(t *testing.T) {
	s := serve(t)
	createMany(t, s.door, 1)
	m, kept := s.first(&controlv1.WatchEventsRequest{SinceSeconds: 3600})
	if m.GetPosition().GetRecord() != 1 || kept != nil {
		t.Errorf("it begins at %v, and says that events are kept from %v on", m.GetPosition(), kept)
	}
}

// What is no longer kept is not passed over in silence.
func TestD4_AWatchSaysWhatIsNoLongerKept(t *testing.T) {
	s := serve(t)
	for range 3 {
		createMany(t, s.door, windowEvents)
	}
	m, kept := s.first(&controlv1.WatchEventsRequest{SinceSeconds: 3600})
	if m.GetPosition().GetRecord() <= 1 || len(kept) != 1 {
		t.Errorf("it begins at %v, and says that events are kept from %v on", m.GetPosition(), kept)
	}
	for _, r := range []*controlv1.WatchEventsRequest{
		{SinceSeconds: -1},
		{SinceSeconds: 1 << 40},
		{SinceSeconds: 1, From: &controlv1.Position{Record: 1}},
	} {
		stream, err := s.WatchEvents(t.Context(), r)
		must(t, err)
		if _, err = stream.Recv(); !errs.Is(grpcerr.FromStatus(err), errs.Invalid) {
			t.Errorf("%v gives %v", r, err)
		}
	}
}

// When the leader last heard of a node is known of nodes whose agent is here.
func TestD4_ANodeSaysWhenItWasLastHeardOf(t *testing.T) {
	s := serve(t)
	s.leads()
	heard := s.agent("here", nil)
	s.node("silent", "a")
	answer, err := s.ListNodes(t.Context(), &controlv1.ListNodesRequest{})
	must(t, err)
	for _, n := range answer.GetNodes() {
		if (n.GetLastHeardAt() != nil) != (n.GetNodeId() == heard) {
			t.Errorf("node %s was last heard of at %v", n.GetName(), n.GetLastHeardAt())
		}
	}
	got, err := s.GetNode(t.Context(), &controlv1.GetNodeRequest{NodeId: heard})
	must(t, err)
	if got.GetNode().GetLastHeardAt() == nil {
		t.Error("the node alone does not say when it was last heard of")
	}
}
