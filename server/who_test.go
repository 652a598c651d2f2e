package server_test

import (
	"context"
	"crypto/sha256"
	"maps"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Whoever asks for something is known by the certificate, through any server, and stands in what comes of it.
func TestWho_IsTheCertificatesUserThroughAnyServer(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	ctx := testcluster.Within(t)
	ann := cluster.As(cluster.Follower(), "client", "ann")
	olga := cluster.As(cluster.Follower(), "operator", "olga")
	application := processApplication(t, ann)
	call := func(_ any, err error) { t.Helper(); must(t, err) }
	call(olga.TagResource(ctx, &controlv1.TagResourceRequest{
		ApplicationId: application,
		Tags:          map[string]string{"a": "b"},
	}))
	call(ann.UpdateApplication(ctx, &controlv1.UpdateApplicationRequest{
		ApplicationId: application,
		Spec:          specv1.Application_builder{Weight: new(int64(2))}.Build(),
		UpdateMask:    &fieldmaskpb.FieldMask{Paths: []string{"weight"}},
	}))
	call(olga.StartApplication(ctx, &controlv1.StartApplicationRequest{ApplicationId: application}))
	run := startRun(t, ann, processRun(application, 0))
	call(olga.TagResource(ctx, &controlv1.TagResourceRequest{
		ApplicationId: application,
		JobRunId:      run,
		Tags:          map[string]string{"a": "b"},
	}))
	call(olga.CancelJobRun(ctx, &controlv1.CancelJobRunRequest{ApplicationId: application, JobRunId: run}))
	call(ann.StopApplication(ctx, &controlv1.StopApplicationRequest{ApplicationId: application}))
	key, err := olga.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bob"})
	must(t, err)
	call(olga.RevokeAccessKey(ctx, &controlv1.RevokeAccessKeyRequest{AccessKeyId: key.GetAccessKey().GetAccessKeyId()}))
	archive := []byte("an archive")
	release, err := upload(ctx, olga, headerOf(archive), archive)
	must(t, err)
	call(ann.DeleteApplication(ctx, &controlv1.DeleteApplicationRequest{ApplicationId: application}))

	if by := key.GetAccessKey().GetCreatedBy(); by != "olga" || release.GetAddedBy() != "olga" {
		t.Errorf("the key is by %q, the release by %q", by, release.GetAddedBy())
	}
	app, err := ann.GetApplication(ctx, &controlv1.GetApplicationRequest{ApplicationId: application})
	must(t, err)
	row := getRun(t, cluster, application, run)
	if a := app.GetApplication(); a.GetCreatedBy() != "ann" || a.GetUpdatedBy() != "ann" ||
		row.GetCreatedBy() != "ann" ||
		row.GetCancelledBy() != "olga" {
		t.Errorf("%v\n%v", a, row)
	}
	want := map[string]string{
		"ApplicationCreated":    "ann",
		"ApplicationTagged":     "olga",
		"ApplicationUpdated":    "ann",
		"JobRunSubmitted":       "ann",
		"JobRunTagged":          "olga",
		"JobRunCancelRequested": "olga",
		"AccessKeyCreated":      "olga",
		"AccessKeyRevoked":      "olga",
		"ReleaseAdded":          "olga",
		"STARTING":              "olga",
		"STOPPING":              "ann",
		"TERMINATED":            "ann",
	}
	if got := whoDid(t, cluster, "TERMINATED"); !maps.Equal(got, want) {
		t.Errorf("events are by %v, want %v", got, want)
	}
}

// whoDid reads all events up to an application's state and returns who did what somebody did, states of applications by
// their names.
func whoDid(t *testing.T, cluster *testcluster.Cluster, last string) map[string]string {
	t.Helper()
	by := map[string]string{}
	all := &watchRequest{From: &controlv1.Position{Record: 1}}
	isLast := func(e *watchedEvent) bool { return e.GetState() == last }
	for _, e := range watch(t, cluster.Follower().Client(), all, isLast) {
		kind := e.GetKind()
		if kind == "ApplicationStateChanged" {
			kind = e.GetState()
		}
		if e.GetBy() != "" {
			by[kind] = e.GetBy()
		}
	}
	return by
}

// A node that is forgotten was forgotten by somebody.
func TestWho_ForgetsANode(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true, Servers: 1})
	node := cluster.Node(testcluster.NodeConfig{Name: "n1", Zone: "a"})
	node.CutOff()
	cluster.AwaitNode(node, "LOST")
	ctx := testcluster.Within(t)
	_, err := cluster.As(cluster.Leader(), "operator", "ann").
		ForgetNode(ctx, &controlv1.ForgetNodeRequest{NodeId: "n1"})
	must(t, err)
	seen := watch(
		t,
		cluster.Leader().Client(),
		&watchRequest{From: &controlv1.Position{Record: 1}},
		func(e *watchedEvent) bool { return e.GetKind() == "NodeForgotten" },
	)
	if by := seen[len(seen)-1].GetBy(); by != "ann" {
		t.Errorf("the node was forgotten by %q", by)
	}
}

// Without TLS everybody who reaches the port is the cluster's own user.
func TestWho_IsLocalWithoutTLS(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{})
	application := processApplication(t, cluster.Follower().Client())
	started := startRun(t, cluster.Follower().Client(), processRun(application, 0))
	if run := getRun(t, cluster, application, started); run.GetCreatedBy() != "local" {
		t.Errorf("submitted by %q", run.GetCreatedBy())
	}
}

// What only servers say to each other is not believed of anybody else, on any server.
func TestWho_IsNotWhomAClientNames(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	forged := metadata.AppendToOutgoingContext(testcluster.Within(t),
		"headrace-forwarded", "server-1", "headrace-caller", "olga", "headrace-caller-operator", "true")
	for _, server := range cluster.Servers {
		ann := cluster.As(server, "client", "ann")
		made, err := ann.CreateApplication(forged, &createRequest{Spec: processSpec("forged")})
		must(t, err)
		if by := made.GetApplication().GetCreatedBy(); by != "ann" {
			t.Errorf("%s believes that it is %q", server.ID(), by)
		}
		_, err = ann.CreateAccessKey(forged, &controlv1.CreateAccessKeyRequest{User: "olga"})
		wantError(t, err, errs.Forbidden, "", "as ann")
	}
}

// A release runs on every node, so only operators give one to the servers; the others change nothing.
func TestAddRelease_IsForOperators(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	archive := []byte("a trojan")
	forged := metadata.AppendToOutgoingContext(testcluster.Within(t),
		"headrace-forwarded", "server-1", "headrace-caller", "olga", "headrace-caller-operator", "true")
	for _, ctx := range []context.Context{testcluster.Within(t), forged} {
		for _, server := range cluster.Servers {
			_, err := upload(ctx, cluster.As(server, "client", "ann"), headerOf(archive), archive)
			wantError(t, err, errs.Forbidden, "", "cannot add a release as ann")
		}
	}
	list, err := cluster.Leader().Client().ListReleases(testcluster.Within(t), &controlv1.ListReleasesRequest{})
	must(t, err)
	for _, r := range list.GetReleases() {
		if r.GetCached() {
			t.Errorf("%v", r)
		}
	}
}

// The archive of a label is replaced where that was asked for, through any server, and the answer says which one went.
func TestAddRelease_ReplacesOnlyWhenItIsAskedTo(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{TLS: true})
	ctx := testcluster.Within(t)
	olga := cluster.As(cluster.Follower(), "operator", "olga")
	one := []byte("one archive")
	other := []byte("another archive")
	_, err := upload(ctx, olga, headerOf(one), one)
	must(t, err)
	_, err = upload(ctx, olga, headerOf(other), other)
	wantError(t, err, errs.Conflict, "", "mine-1", "--replace")
	header := headerOf(other)
	header.Replace = true
	stream, err := olga.AddRelease(ctx)
	must(t, err)
	must(t, stream.Send(&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Header{Header: header}}))
	must(t, stream.Send(&controlv1.AddReleaseRequest{Part: &controlv1.AddReleaseRequest_Chunk{Chunk: other}}))
	answer, err := stream.CloseAndRecv()
	must(t, err)
	if sum := sha256.Sum256(one); string(answer.GetReplacedDigest()) != string(sum[:]) ||
		string(answer.GetRelease().GetDigest()) != string(header.GetDigest()) {
		t.Errorf("%v", answer)
	}
}
