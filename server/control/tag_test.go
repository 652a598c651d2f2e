package control

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

func manyTags(n int) map[string]string {
	many := map[string]string{}
	for i := range n {
		many[fmt.Sprint("k", i)] = ""
	}
	return many
}

// An application and its runs have tags of their own; a run has them also when it is over.
func TestTags_AreAddedReplacedAndRemoved(t *testing.T) {
	s := serve(t)
	node := s.node("n1", "a")
	application := s.create(func(a *specv1.Application) { a.SetTags(map[string]string{"Team": "Data"}) })
	run := s.submit(application, nil)
	s.end(s.run(run, node), 0)
	for _, id := range []string{"", run} {
		added, err := s.TagResource(
			t.Context(),
			&controlv1.TagResourceRequest{
				ApplicationId: application,
				JobRunId:      id,
				Tags:          map[string]string{"Team": "Web", "Night": ""},
			},
		)
		must(t, err)
		if want := map[string]string{"Team": "Web", "Night": ""}; !maps.Equal(added.GetTags(), want) {
			t.Errorf("%q has %v, not %v", id, added.GetTags(), want)
		}
		left, err := s.UntagResource(
			t.Context(),
			&controlv1.UntagResourceRequest{
				ApplicationId: application,
				JobRunId:      id,
				TagKeys:       []string{"Team", "never there"},
			},
		)
		must(t, err)
		list, err := s.ListTags(t.Context(), &controlv1.ListTagsRequest{ApplicationId: application, JobRunId: id})
		must(t, err)
		if want := map[string]string{"Night": ""}; !maps.Equal(left.GetTags(), want) ||
			!maps.Equal(list.GetTags(), want) ||
			list.GetRecord() == 0 {
			t.Errorf("%q is left with %v, and lists %v", id, left.GetTags(), list)
		}
	}
	got, err := s.GetJobRun(t.Context(), &controlv1.GetJobRunRequest{ApplicationId: application, JobRunId: run})
	must(t, err)
	if _, there := got.GetJobRun().GetSpec().GetTags()["Night"]; !there || got.GetJobRun().GetState() != "SUCCESS" {
		t.Errorf("run %v", got.GetJobRun())
	}
}

func TestTags_NameWhatIsWrong(t *testing.T) {
	s := serve(t)
	application, other := s.create(nil), s.create(nil)
	run := s.submit(other, nil)
	_, err := s.TagResource(t.Context(), &controlv1.TagResourceRequest{ApplicationId: application, Tags: manyTags(50)})
	must(t, err)
	tag := func(application, run string, tags map[string]string) error {
		_, err := s.TagResource(
			t.Context(),
			&controlv1.TagResourceRequest{ApplicationId: application, JobRunId: run, Tags: tags},
		)
		return err
	}
	untag := func(application, run string, keys ...string) error {
		_, err := s.UntagResource(
			t.Context(),
			&controlv1.UntagResourceRequest{ApplicationId: application, JobRunId: run, TagKeys: keys},
		)
		return err
	}
	list := func(application, run string) error {
		_, err := s.ListTags(t.Context(), &controlv1.ListTagsRequest{ApplicationId: application, JobRunId: run})
		return err
	}
	wantError(t, tag(application, "", map[string]string{"one": "more"}), errs.Invalid, "tags", "51", "50")
	wantError(t, tag(other, "", manyTags(51)), errs.Invalid, "tags", "51", "50")
	wantError(t, tag(other, "", map[string]string{"aWs:x": ""}), errs.Invalid, "tags", "aWs:x", "reserved")
	wantError(t, tag(other, run, map[string]string{"x": "aws:y"}), errs.Invalid, "tags", "reserved")
	wantError(t, tag(other, "", map[string]string{"": "x"}), errs.Invalid, "tags", "128")
	wantError(t, untag(other, ""), errs.Invalid, "tag_keys", "0", "200")
	wantError(t, untag(other, "", slices.Repeat([]string{"k"}, 201)...), errs.Invalid, "tag_keys", "201")
	for _, err := range []error{tag("nobody", "", nil), untag("nobody", "", "k"), list("nobody", "")} {
		wantError(t, err, errs.NotFound, "", "nobody")
	}
	for _, err := range []error{tag(application, run, nil), untag(application, run, "k"), list(application, run)} {
		wantError(t, err, errs.NotFound, "", run, application)
	}
}
