package command_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
	"github.com/headrace/headrace/server/command"
)

// facts returns the messages of events.
func facts(events []*eventv1.Event) (all []protoreflect.Message) {
	for _, event := range events {
		m := event.ProtoReflect()
		all = append(all, m.Get(m.WhichOneof(m.Descriptor().Oneofs().ByName("fact"))).Message())
	}
	return all
}

// Whoever asks for something stands in the fact that comes of it, whatever it is.
func TestDecisions_SayWhoAskedForThem(t *testing.T) {
	ofBob := update("rests", weighing(2))
	ofBob.By = "bob"
	byBob := func(c *command.StartJobRun) { c.CreatedBy = "bob" }
	for name, c := range map[string]struct {
		decision decision
		fact     proto.Message
		field    protoreflect.Name
	}{
		"create": {
			&command.CreateApplication{Spec: create("x").Spec, CreatedBy: "bob"}, &eventv1.ApplicationCreated{},
			"created_by",
		},
		"start": {
			&command.StartApplication{ApplicationID: "rests", By: "bob"}, &eventv1.ApplicationStateChanged{},
			"changed_by",
		},
		"stop": {
			&command.StopApplication{ApplicationID: "app", Force: true, By: "bob"}, &eventv1.ApplicationStateChanged{},
			"changed_by",
		},
		"stop its runs": {
			&command.StopApplication{ApplicationID: "app", Force: true, By: "bob"}, &eventv1.JobRunCancelRequested{},
			"requested_by",
		},
		"update": {ofBob, &eventv1.ApplicationUpdated{}, "updated_by"},
		"delete": {
			&command.DeleteApplication{ApplicationID: "rests", By: "bob"}, &eventv1.ApplicationStateChanged{},
			"changed_by",
		},
		"tag": {
			&command.TagResource{ApplicationID: "app", Tags: map[string]string{"a": "b"}, By: "bob"},
			&eventv1.ApplicationTagged{}, "tagged_by",
		},
		"tag a run": {&command.TagResource{
			ApplicationID: "app",
			JobRunID:      "run",
			Tags:          map[string]string{"a": "b"},
			By:            "bob",
		}, &eventv1.JobRunTagged{}, "tagged_by"},
		"untag": {
			&command.UntagResource{ApplicationID: "rests", Keys: []string{"k"}, By: "bob"},
			&eventv1.ApplicationTagged{}, "tagged_by",
		},
		"submit": {submit("r", 0, byBob), &eventv1.JobRunSubmitted{}, "created_by"},
		"submit and start": {
			submit("r", 0, in("rests"), byBob),
			&eventv1.ApplicationStateChanged{}, "changed_by",
		},
		"cancel": {
			&command.CancelJobRun{ApplicationID: "app", JobRunID: "run", By: "bob"}, &eventv1.JobRunCancelRequested{},
			"requested_by",
		},
		"forget": {&command.ForgetNode{IDOrName: "n3", By: "bob"}, &eventv1.NodeForgotten{}, "forgotten_by"},
		"add release": {
			&command.AddRelease{Release: state.Release{Label: "own", Digest: []byte{1}, AddedBy: "bob"}},
			&eventv1.ReleaseAdded{}, "added_by",
		},
		"create key": {&command.CreateAccessKey{
			ID:        "k",
			User:      "ann",
			Sealed:    []byte{1},
			CreatedBy: "bob",
		}, &eventv1.AccessKeyCreated{}, "created_by"},
		"revoke key": {&command.RevokeAccessKey{ID: "k1", RevokedBy: "bob"}, &eventv1.AccessKeyRevoked{}, "revoked_by"},
	} {
		w := newWorld(t)
		w.given(submit("run", 0), &command.LoseNode{Node: "n3"}, createKey("k1", "ann", ""),
			create("rests", auto, labelled(map[string]string{"k": "v"})))
		events, err := w.when(c.decision)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		said := ""
		for _, fact := range facts(events) {
			if said == "" && fact.Descriptor() == c.fact.ProtoReflect().Descriptor() {
				said = fact.Get(fact.Descriptor().Fields().ByName(c.field)).String()
			}
		}
		if said != "bob" {
			t.Errorf("%s: %s of %s is %q", name, c.field, c.fact.ProtoReflect().Descriptor().Name(), said)
		}
	}
}

// What the cluster does by itself, nobody asked for; who asked last stays known.
func TestDecisions_OfTheClusterItselfAreNobodys(t *testing.T) {
	w := newWorld(t)
	w.given(create("x", idle(1)), &command.StartApplication{ApplicationID: "x", By: "bob"})
	if a := w.view.Application("x"); a.UpdatedBy != "bob" || a.StateDetails != "" {
		t.Errorf("started: %q, %q", a.UpdatedBy, a.StateDetails)
	}
	w.now = w.now.Add(w.limits.Tombstone)
	events, err := w.when(&command.StopIdleApplication{ApplicationID: "x"})
	if err != nil || len(events) == 0 {
		t.Fatal(events, err)
	}
	for _, fact := range facts(events) {
		if changed, is := fact.Interface().(*eventv1.ApplicationStateChanged); is && changed.GetChangedBy() != "" {
			t.Errorf("an idle application is stopped by %q", changed.GetChangedBy())
		}
	}
	w.apply(events)
	if a := w.view.Application("x"); a.UpdatedBy != "bob" {
		t.Errorf("after it stopped by itself it was changed by %q", a.UpdatedBy)
	}
}
