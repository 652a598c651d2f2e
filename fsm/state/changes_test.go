package state

import (
	"reflect"
	"testing"

	"github.com/headrace/headrace/internal/resource"
)

func TestChanges_AreThoseOfTheNewestRecord(t *testing.T) {
	tx := New().Begin()
	tx.PutNode(Node{ID: "n1", Name: "n1"})
	tx.PutApplication(Application{ID: "app"})
	tx.PutRelease(Release{Label: "emr-7.2.0"})
	first := tx.Commit()
	want := &Changes{Nodes: []string{"n1"}, Applications: []string{"app"}, Releases: []string{"emr-7.2.0"}}
	if !reflect.DeepEqual(first.Changes(), want) {
		t.Errorf("the first record changed %+v", first.Changes())
	}
	tx = first.Begin()
	size := Size{Vector: resource.Vector{MilliCPU: 1}}
	tx.PutSlot(Slot{ID: "own", Application: "app", Node: "n1", Size: size, Worker: "own"})
	tx.PutSlot(Slot{ID: "pool", Application: "app", Node: "n1", Size: size, Type: TypeExecutor})
	tx.PutWorker(Worker{ID: "own", Run: "r", Node: "n1"})
	tx.PutAttempt(Attempt{Run: "r", Number: 1})
	second := tx.Commit()
	want = &Changes{
		Nodes:        []string{"n1"},
		Applications: []string{"app"},
		Slots:        []string{"pool"},
		Runs:         []string{"r"},
	}
	if !reflect.DeepEqual(second.Changes(), want) {
		t.Errorf("the second record changed %+v", second.Changes())
	}
	if len(first.Changes().Runs) != 0 {
		t.Errorf("the first record now changed %+v", first.Changes())
	}
}
