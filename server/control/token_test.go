package control

import (
	"testing"

	"google.golang.org/grpc/metadata"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/control/routing"
)

// A token that two users chose, or one guessed of another, gave one of them the other's run, or its name in a refusal.
// Ids in metadata are chosen by clients, too.
func TestStartJobRun_TheTokenOfAnotherUserIsAnotherOne(t *testing.T) {
	s := serve(t)
	application := s.create(nil)
	for _, token := range []string{"nightly", ""} {
		made := map[string]bool{}
		for _, user := range []string{"ann", "bob", "ann", "bob"} {
			r := processRun(application)
			r.ClientToken = token
			answer, err := s.StartJobRun(
				metadata.AppendToOutgoingContext(as(t.Context(), user), routing.RequestIDKey, "request-1"),
				r,
			)
			must(t, err)
			if by := answer.GetJobRun().GetCreatedBy(); by != user {
				t.Errorf("%s is given a run of %s", user, by)
			}
			made[answer.GetJobRun().GetJobRunId()] = true
		}
		if len(made) != 2 {
			t.Errorf("token %q of two users made runs %v", token, made)
		}
	}
	list, err := s.ListJobRuns(t.Context(), &controlv1.ListJobRunsRequest{ApplicationId: application})
	must(t, err)
	if n := len(list.GetJobRuns()); n != 4 {
		t.Errorf("%d runs were made", n)
	}
}
