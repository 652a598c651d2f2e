package control

import (
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// Nodes, workers and access keys are found by how their ids begin, in one look.
func TestD1_ListsSelectByTheBeginningOfIDs(t *testing.T) {
	s := serve(t)
	node := s.node("n1", "a")
	s.node("n2", "a")
	application := s.create(nil)
	worker := s.run(s.submit(application, nil), node)
	s.run(s.submit(application, nil), node)
	key := s.createKey("ann").GetAccessKey().GetAccessKeyId()
	s.createKey("ann")

	for prefix, want := range map[string]int{node: 1, node[:len(node)-1]: 2, node + "x": 0} {
		nodes, err := s.ListNodes(t.Context(), &controlv1.ListNodesRequest{IdPrefix: prefix})
		must(t, err)
		if n := nodes.GetNodes(); len(n) != want {
			t.Errorf("%d nodes begin as %s: %v", len(n), prefix, n)
		}
	}
	nodes, err := s.ListNodes(t.Context(), &controlv1.ListNodesRequest{Name: "n2"})
	must(t, err)
	if n := nodes.GetNodes(); len(n) != 1 || n[0].GetName() != "n2" {
		t.Errorf("nodes named n2: %v", n)
	}
	workers, err := s.ListWorkers(t.Context(), &controlv1.ListWorkersRequest{IdPrefix: worker.ID})
	must(t, err)
	if w := workers.GetWorkers(); len(w) != 1 || w[0].GetWorkerId() != worker.ID {
		t.Errorf("workers %v begin as %s", w, worker.ID)
	}
	_, err = s.ListWorkers(t.Context(), &controlv1.ListWorkersRequest{})
	if err == nil {
		t.Error("all workers of the cluster are listed")
	}
	if got := s.keys(&controlv1.ListAccessKeysRequest{IdPrefix: key}); len(got) != 1 || got[0] != key {
		t.Errorf("keys %v begin as %s", got, key)
	}
}

// Pages of workers by the beginning of their ids go on where the last one ended.
func TestD1_WorkersOfAllRunsAreListedInPages(t *testing.T) {
	s := serve(t)
	node := s.node("n1", "a")
	application := s.create(nil)
	want := map[string]bool{}
	prefix := ""
	for range 3 {
		id := s.run(s.submit(application, nil), node).ID
		prefix = id[:1]
		want[id] = true
	}
	request := &controlv1.ListWorkersRequest{IdPrefix: prefix, MaxResults: 1}
	for range 4 {
		page, err := s.ListWorkers(t.Context(), request)
		must(t, err)
		for _, w := range page.GetWorkers() {
			delete(want, w.GetWorkerId())
		}
		if request.NextToken = page.GetNextToken(); request.GetNextToken() == "" {
			break
		}
	}
	if len(want) > 0 {
		t.Errorf("no page has %v", want)
	}
}
