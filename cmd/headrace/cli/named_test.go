package cli

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// twoLabs is a cluster with three applications, two of them of one name, and runs of two of them.
func twoLabs() *clusterfake.Server {
	app := func(id, name string) *controlv1.Application {
		said := specv1.Application_builder{Name: new(name), Tags: map[string]string{"of": id}}.Build()
		return &controlv1.Application{ApplicationId: id, Spec: said, State: "STARTED"}
	}
	run := func(application, id string) *controlv1.JobRun {
		return &controlv1.JobRun{
			JobRunId:      id,
			ApplicationId: application,
			State:         "SUCCESS",
			Spec: specv1.JobRun_builder{
				Driver: specv1.JobDriver_builder{Process: specv1.Process_builder{Command: []string{"x"}}.Build()}.Build(),
			}.Build(),
		}
	}
	c := &clusterfake.Cluster{
		Applications: []*controlv1.Application{
			app("01aaaa11", "lab"),
			app("01aaab22", "twice"),
			app("01cccc33", "twice"),
		},
		JobRuns: []*controlv1.JobRun{run("01aaaa11", "02rrra"), run("01aaaa11", "02rrrb"), run("01aaab22", "02sss")},
	}
	return &clusterfake.Server{Answer: c.Answer}
}

const labARN = "arn:aws:emr-serverless:us-east-1:000000000000:/applications/01aaaa11"

func TestD1_NamesAreTakenWhereIDsAre(t *testing.T) {
	for args, want := range map[string]string{
		"application get lab":                       "01aaaa11",
		"application get 01aaaa":                    "01aaaa11",
		"application get " + labARN:                 "01aaaa11",
		"application start lab":                     "01aaaa11",
		"application update lab --tag a=b":          "01aaaa11",
		"application clone lab --name new -q":       "01app4\n",
		"application create --release-label x -q":   "01app4\n",
		"export lab":                                "name: lab",
		"tag list lab":                              "01aaaa11",
		"tag add lab a=b":                           "01aaaa11",
		"job-run list lab":                          "02rrra",
		"job-run list":                              "02sss",
		"job-run start lab --command -q -- x":       "01run4\n",
		"job-run get 02sss":                         "02sss",
		"job-run get lab 02rrrb":                    "02rrrb",
		"job-run get " + labARN + "/jobruns/02rrra": "02rrra",
		"job-run get -":                             "02sss",
		"job-run get lab -":                         "02rrrb",
		"job-run wait 02sss":                        "SUCCESS",
		"job-run clone 02sss -q":                    "01run4\n",
		"worker list 02sss":                         "ID",
	} {
		r := command(t.Context(), twoLabs().Start(t), strings.Fields(args)...)
		if r.failed != nil || !strings.Contains(r.out.String(), want) {
			t.Errorf("%s: %q, %v; expected %q", args, r.out.String(), r.failed, want)
		}
	}
}

func TestD1_AnAmbiguousNameIsRefusedWithTheCandidates(t *testing.T) {
	for args, want := range map[string][]string{
		"application get twice":              {"twice (01aaab22), which is STARTED", "twice (01cccc33)"},
		"application delete twice":           {"01aaab22", "01cccc33"},
		"application get 01aa":               {"lab (01aaaa11)", "twice (01aaab22)"},
		"job-run get lab 02rr":               {"02rrra, which is SUCCESS", "02rrrb"},
		"job-run get 02rr":                   {"02rrra", "02rrrb"},
		"application get 01a":                {"no application", "headrace application list"},
		"job-run get 02r":                    {"no job run", "4 characters", "headrace job-run list"},
		"application get nothing":            {`there is no application "nothing"`},
		"job-run get 02xxxx":                 {`there is no job run "02xxxx"`},
		"job-run get twice 02sss":            {"01aaab22", "01cccc33"},
		"export twice":                       {"01aaab22", "01cccc33"},
		"job-run start twice --command -- x": {"01aaab22", "01cccc33"},
	} {
		server := twoLabs()
		r := command(t.Context(), server.Start(t), strings.Fields(args)...)
		if ExitCode(r.failed) != ExitRefused {
			t.Errorf("%s: %v", args, r.failed)
			continue
		}
		for _, part := range want {
			if !strings.Contains(r.failed.Error(), part) {
				t.Errorf("%s: %v lacks %q", args, r.failed, part)
			}
		}
		if n := len(server.Calls()); n > 5 {
			t.Errorf("%s: %d calls", args, n)
		}
	}
}

func TestD1_AnIDCostsNoFurtherCall(t *testing.T) {
	server := twoLabs()
	command(t.Context(), server.Start(t), "application", "get", "01aaaa11")
	if n := len(server.Calls()); n != 1 {
		t.Errorf("%d calls for an id", n)
	}
}

func TestD1_ListJobRunsSelectsInAnyCase(t *testing.T) {
	got := asked(t, "ListJobRuns", "job-run", "list", "--state", "running,Queued", "--mode", "batch", "--tag", "a=b",
		"--name", "n", "--mine")
	same(t, got, &controlv1.ListJobRunsRequest{
		States: []string{"RUNNING", "QUEUED"},
		Mode:   "BATCH",
		Tags:   map[string]string{"a": "b"},
		Name:   "n",
		Mine:   true,
	})
}

// Who could not be asked what a word means does not say that there is nothing.
func TestD1_ALookUpThatFailsIsTold(t *testing.T) {
	for _, args := range []string{"application get lab", "job-run list lab", "events --application lab"} {
		server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
			if c.Method == "ListApplications" {
				return nil, errs.New(errs.Forbidden, "who asks may not list")
			}
			return nil, errs.New(errs.NotFound, "there is no application")
		}}
		r := command(t.Context(), server.Start(t), strings.Fields(args)...)
		if r.failed == nil || !strings.Contains(r.failed.Error(), "who asks may not list") {
			t.Errorf("%s: %v", args, r.failed)
		}
	}
}

// A server of an older version does not know the fields that select, and answers everything.
func TestD1_AnOlderServerDoesNotMakeAnythingMeant(t *testing.T) {
	all := []*controlv1.Application{{ApplicationId: "01aaaa11", Spec: &specv1.Application{}}}
	server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		if c.Method == "ListApplications" {
			return &controlv1.ListApplicationsResponse{Applications: all}, nil
		}
		return nil, errs.New(errs.NotFound, "there is no application")
	}}
	command(t.Context(), server.Start(t), "application", "delete", "other")
	for _, call := range server.Calls() {
		if r, is := call.Request.(*controlv1.DeleteApplicationRequest); is && r.GetApplicationId() != "other" {
			t.Errorf("it deleted %s", r.GetApplicationId())
		}
	}
}
