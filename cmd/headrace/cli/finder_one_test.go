package cli

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// machines is a cluster with nodes, workers and access keys; every one is known by its whole id only, and is listed by
// how that begins, and by its name or its user.
func machines() *clusterfake.Server {
	nodes := []*controlv1.Node{
		{NodeId: "01nnna", Name: "east", State: "READY"},
		{NodeId: "01nnnb", Name: "west", State: "READY"},
		{NodeId: "01mmmm", Name: "twice", State: "LOST"},
		{NodeId: "01oooo", Name: "twice", State: "READY"},
	}
	workers := []*controlv1.Worker{
		{WorkerId: "01wwwa", JobRunId: "01run", Type: "DRIVER", State: "ENDED"},
		{WorkerId: "01wwwb", JobRunId: "01run", Type: "EXECUTOR", Number: 3, State: "RUNNING"},
	}
	keys := []*controlv1.AccessKey{
		{AccessKeyId: "HRAKAAAA1111", User: "ann"},
		{AccessKeyId: "HRAKAAAA2222", User: "bob"},
		{AccessKeyId: "HRAKBBBB3333", User: "bob"},
	}
	return &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		switch r := c.Request.(type) {
		case *controlv1.GetNodeRequest:
			n, err := whole(nodes, (*controlv1.Node).GetNodeId, r.GetNodeId())
			return &controlv1.GetNodeResponse{Node: n}, err
		case *controlv1.ForgetNodeRequest:
			_, err := whole(nodes, (*controlv1.Node).GetNodeId, r.GetNodeId())
			return &controlv1.ForgetNodeResponse{}, err
		case *controlv1.ApproveNodeRequest:
			_, err := whole(nodes, (*controlv1.Node).GetNodeId, r.GetNodeId())
			return &controlv1.ApproveNodeResponse{}, err
		case *controlv1.ListNodesRequest:
			is := func(n *controlv1.Node) bool { return r.GetName() == "" || r.GetName() == n.GetName() }
			found := begun(nodes, (*controlv1.Node).GetNodeId, r.GetIdPrefix(), is)
			return &controlv1.ListNodesResponse{Nodes: found}, nil
		case *controlv1.GetWorkerRequest:
			w, err := whole(workers, (*controlv1.Worker).GetWorkerId, r.GetWorkerId())
			return &controlv1.GetWorkerResponse{Worker: w}, err
		case *controlv1.ListWorkersRequest:
			all := func(*controlv1.Worker) bool { return true }
			found := begun(workers, (*controlv1.Worker).GetWorkerId, r.GetIdPrefix(), all)
			return &controlv1.ListWorkersResponse{Workers: found}, nil
		case *controlv1.RevokeAccessKeyRequest:
			_, err := whole(keys, (*controlv1.AccessKey).GetAccessKeyId, r.GetAccessKeyId())
			return &controlv1.RevokeAccessKeyResponse{}, err
		case *controlv1.ListAccessKeysRequest:
			of := func(k *controlv1.AccessKey) bool { return r.GetUser() == "" || r.GetUser() == k.GetUser() }
			found := begun(keys, (*controlv1.AccessKey).GetAccessKeyId, r.GetIdPrefix(), of)
			return &controlv1.ListAccessKeysResponse{AccessKeys: found}, nil
		}
		return nil, errs.New(errs.Internal, "the test has no answer for %s", c.Method)
	}}
}

// whole returns the one with an id.
func whole[M any](all []M, id func(M) string, wanted string) (none M, err error) {
	for _, m := range all {
		if id(m) == wanted {
			return m, nil
		}
	}
	return none, errs.New(errs.NotFound, "there is nothing with the id %q", wanted)
}

// begun returns those whose id begins in some way, and which are wanted.
func begun[M any](all []M, id func(M) string, prefix string, wanted func(M) bool) (found []M) {
	for _, m := range all {
		if strings.HasPrefix(id(m), prefix) && wanted(m) {
			found = append(found, m)
		}
	}
	return found
}

func TestD1_BeginningsAreTakenOfNodesWorkersAndAccessKeys(t *testing.T) {
	for args, want := range map[string]string{
		"node get 01nnna":                  "east",
		"node get 01mm":                    "twice",
		"node forget 01mm":                 "node 01mmmm is forgotten",
		"worker get 01wwwa":                "DRIVER",
		"worker get 01wwwb":                "EXECUTOR 3",
		"access-key revoke ann":            "access key HRAKAAAA1111 is revoked",
		"access-key revoke HRAKBBBB":       "access key HRAKBBBB3333 is revoked",
		"access-key revoke HRAKAAAA22":     "access key HRAKAAAA2222 is revoked",
		"access-key revoke HRAKAAAA1111":   "access key HRAKAAAA1111 is revoked",
		"worker get 01wwwa --output table": "01wwwa",
	} {
		server := machines()
		r := command(t.Context(), server.Start(t), strings.Fields(args)...)
		if r.failed != nil || !strings.Contains(r.out.String(), want) {
			t.Errorf("%s: %q, %v; expected %q", args, r.out.String(), r.failed, want)
		}
		if n := len(server.Calls()); n > 4 {
			t.Errorf("%s: %d calls", args, n)
		}
	}
}

func TestD1_WhatMayBeSeveralNodesWorkersOrKeysIsRefused(t *testing.T) {
	for args, want := range map[string][]string{
		"node forget twice":          {"twice (01mmmm), which is LOST", "twice (01oooo), which is READY"},
		"node approve 01nn":          {"east (01nnna)", "west (01nnnb)"},
		"node get 01nnn":             {"east (01nnna)", "west (01nnnb)"},
		"worker get 01www":           {"01wwwa, driver of 01run", "01wwwb, executor 3 of 01run, which is RUNNING"},
		"access-key revoke bob":      {"HRAKAAAA2222 of bob", "HRAKBBBB3333 of bob"},
		"access-key revoke HRAKAAAA": {"HRAKAAAA1111 of ann", "HRAKAAAA2222 of bob"},
		"access-key revoke HRAK":     {"headrace access-key list"},
		"worker get 01w":             {"headrace worker list JOB_RUN"},
		"node get none":              {"headrace node list"},
	} {
		r := command(t.Context(), machines().Start(t), strings.Fields(args)...)
		for _, part := range want {
			if r.failed == nil || !strings.Contains(r.failed.Error(), part) {
				t.Errorf("%s: %v lacks %q", args, r.failed, part)
			}
		}
	}
}

// A server of an older version knows no filter, and lists what there is; an empty word would ask for all of it, too.
// What nobody named is not touched.
func TestD1_TheOnlyNodeOrKeyIsNotWhatAnotherWordMeans(t *testing.T) {
	server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		switch c.Request.(type) {
		case *controlv1.ListNodesRequest:
			all := []*controlv1.Node{{NodeId: "01nnna", Name: "east", State: "LOST"}}
			return &controlv1.ListNodesResponse{Nodes: all}, nil
		case *controlv1.ListAccessKeysRequest:
			all := []*controlv1.AccessKey{{AccessKeyId: "HRAKAAAA1111", User: "ann"}}
			return &controlv1.ListAccessKeysResponse{AccessKeys: all}, nil
		case *controlv1.ListApplicationsRequest:
			all := []*controlv1.Application{{ApplicationId: "01aaaa"}}
			return &controlv1.ListApplicationsResponse{Applications: all}, nil
		}
		return nil, errs.New(errs.NotFound, "there is no such thing")
	}}
	address := server.Start(t)
	for _, args := range [][]string{
		{"node", "forget", ""},
		{"node", "forget", "01xxxx"},
		{"node", "approve", ""},
		{"access-key", "revoke", ""},
		{"access-key", "revoke", "HRAKXXXX9999"},
		{"application", "delete", ""},
	} {
		if r := command(t.Context(), address, args...); !errs.Is(r.failed, errs.NotFound) {
			t.Errorf("%q: %v", args, r.failed)
		}
	}
	for _, call := range server.Calls() {
		switch r := call.Request.(type) {
		case *controlv1.ForgetNodeRequest:
			if r.GetNodeId() == "01nnna" {
				t.Error("the only node was forgotten")
			}
		case *controlv1.RevokeAccessKeyRequest:
			if r.GetAccessKeyId() == "HRAKAAAA1111" {
				t.Error("the only key was revoked")
			}
		case *controlv1.DeleteApplicationRequest:
			if r.GetApplicationId() == "01aaaa" {
				t.Error("the only application was deleted")
			}
		}
	}
}

// A name that thousands of applications have costs one small answer.
func TestD1_ASearchIsBounded(t *testing.T) {
	many := &clusterfake.Cluster{}
	for i := range 500 {
		many.Applications = append(many.Applications, &controlv1.Application{ApplicationId: fmt.Sprintf("01a%04d", i)})
	}
	server := &clusterfake.Server{Answer: many.Answer}
	r := command(t.Context(), server.Start(t), "application", "get", "01a0")
	if r.failed == nil || !strings.Contains(r.failed.Error(), "and more") {
		t.Errorf("it failed with %v", r.failed)
	}
	for _, call := range server.Calls() {
		if list, is := call.Request.(*controlv1.ListApplicationsRequest); is && list.GetMaxResults() != maxFound {
			t.Errorf("a search asks for %d applications", list.GetMaxResults())
		}
	}
}

// The shell offers workers by how their ids begin.
func TestD4_CompletionOffersWorkersByTheirBeginning(t *testing.T) {
	r := command(t.Context(), machines().Start(t), "__complete", "worker", "get", "01wwwb")
	if want := "01wwwb\texecutor 3 of 01run RUNNING\n"; !strings.HasPrefix(r.out.String(), want) {
		t.Errorf("it offers %q (%v)", r.out.String(), r.failed)
	}
}

// A page of a search may be empty though others follow: the cluster looks at so much for a page, and no more.
func TestFinder_LooksAtTheNextPage(t *testing.T) {
	run := &controlv1.JobRun{JobRunId: "01runrunrun", ApplicationId: "01app", State: "SUCCESS"}
	worker := &controlv1.Worker{WorkerId: "01worker", JobRunId: "01runrunrun", Type: "DRIVER", State: "ENDED"}
	server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		switch r := c.Request.(type) {
		case *controlv1.ListJobRunsRequest:
			if r.GetNextToken() == "" {
				return &controlv1.ListJobRunsResponse{NextToken: "more"}, nil
			}
			return &controlv1.ListJobRunsResponse{JobRuns: []*controlv1.JobRun{run}}, nil
		case *controlv1.ListWorkersRequest:
			if r.GetNextToken() == "" {
				return &controlv1.ListWorkersResponse{NextToken: "more"}, nil
			}
			return &controlv1.ListWorkersResponse{Workers: []*controlv1.Worker{worker}}, nil
		}
		return nil, errs.New(errs.NotFound, "there is no such thing")
	}}
	config := client.DefaultConfig()
	config.Servers = []string{server.Start(t)}
	conn, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	f := &finder{ctx: t.Context(), cl: conn}
	for _, word := range []string{"01runr", lastRun} {
		if ids, err := f.jobRun([]string{word}); err != nil || ids[1] != run.GetJobRunId() {
			t.Errorf("%s is %v (%v)", word, ids, err)
		}
	}
	if id, err := f.workerAgain("01work"); err != nil || id != worker.GetWorkerId() {
		t.Errorf("the worker is %s (%v)", id, err)
	}
}
