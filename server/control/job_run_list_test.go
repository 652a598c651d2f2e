package control

import (
	"slices"
	"testing"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// A run had to be looked for in every application, one after the other.
func TestD1_ListJobRunsFindsRunsOfAllApplications(t *testing.T) {
	s := serve(t)
	one := s.create(nil)
	other := s.create(nil)
	first := s.submit(one, func(r *runRequest) { r.Spec.SetName("nightly") })
	second := s.submit(other, func(r *runRequest) { r.Spec.SetTags(map[string]string{"team": "a", "cost": "1"}) })
	third := s.submit(one, func(r *runRequest) { r.Spec.SetTags(map[string]string{"team": "b"}) })
	for name, c := range map[string]struct {
		request *controlv1.ListJobRunsRequest
		want    []string
	}{
		"all":            {&controlv1.ListJobRunsRequest{}, []string{third, second, first}},
		"one":            {&controlv1.ListJobRunsRequest{ApplicationId: one}, []string{third, first}},
		"name":           {&controlv1.ListJobRunsRequest{Name: "nightly"}, []string{first}},
		"tag":            {&controlv1.ListJobRunsRequest{Tags: map[string]string{"team": "a"}}, []string{second}},
		"both tags":      {&controlv1.ListJobRunsRequest{Tags: map[string]string{"team": "b", "cost": "1"}}, nil},
		"tag of one":     {&controlv1.ListJobRunsRequest{ApplicationId: one, Tags: map[string]string{"team": "a"}}, nil},
		"id":             {&controlv1.ListJobRunsRequest{IdPrefix: second}, []string{second}},
		"beginning":      {&controlv1.ListJobRunsRequest{IdPrefix: second[:1], Name: "nightly"}, []string{first}},
		"no such run":    {&controlv1.ListJobRunsRequest{IdPrefix: second + "x"}, nil},
		"one's own":      {&controlv1.ListJobRunsRequest{Mine: true}, []string{third, second, first}},
		"of one's own":   {&controlv1.ListJobRunsRequest{Mine: true, Name: "nightly"}, []string{first}},
		"not of another": {&controlv1.ListJobRunsRequest{ApplicationId: other, Name: "nightly"}, nil},
	} {
		list, err := s.ListJobRuns(t.Context(), c.request)
		if err != nil || !slices.Equal(ids(list.GetJobRuns()), c.want) {
			t.Errorf("%s: %v, %v; expected %v", name, ids(list.GetJobRuns()), err, c.want)
		}
	}
}

func TestD1_ListJobRunsOfAllApplicationsHasPages(t *testing.T) {
	s := serve(t)
	one := s.create(nil)
	other := s.create(nil)
	want := []string{s.submit(one, nil), s.submit(other, nil), s.submit(one, nil)}
	slices.Reverse(want)
	var got []string
	for token := ""; ; {
		page, err := s.ListJobRuns(t.Context(), &controlv1.ListJobRunsRequest{MaxResults: 1, NextToken: token})
		must(t, err)
		got = append(got, ids(page.GetJobRuns())...)
		if token = page.GetNextToken(); token == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages have %v; expected %v", got, want)
	}
}

func TestD1_ListJobRunsTellsWhoseRunsAreMine(t *testing.T) {
	s := serve(t)
	s.submit(s.create(nil), nil)
	list, err := s.ListJobRuns(as(t.Context(), "ann"), &controlv1.ListJobRunsRequest{Mine: true})
	if err != nil || len(list.GetJobRuns()) != 0 {
		t.Errorf("runs %v of ann, %v; they are of %q", ids(list.GetJobRuns()), err, "local")
	}
}

func TestD1_ListApplicationsFindsByNameAndBeginningOfID(t *testing.T) {
	s := serve(t)
	lab := s.create(func(a *specv1.Application) { a.SetName("lab") })
	other := s.create(nil)
	for name, c := range map[string]struct {
		request *controlv1.ListApplicationsRequest
		want    []string
	}{
		"name":       {&controlv1.ListApplicationsRequest{Name: "lab"}, []string{lab}},
		"no name":    {&controlv1.ListApplicationsRequest{Name: "la"}, nil},
		"id":         {&controlv1.ListApplicationsRequest{IdPrefix: other}, []string{other}},
		"longer":     {&controlv1.ListApplicationsRequest{IdPrefix: other + "x"}, nil},
		"everything": {&controlv1.ListApplicationsRequest{}, []string{lab, other}},
	} {
		list, err := s.ListApplications(t.Context(), c.request)
		var got []string
		for _, a := range list.GetApplications() {
			got = append(got, a.GetApplicationId())
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; expected %v", name, got, err, c.want)
		}
	}
}
