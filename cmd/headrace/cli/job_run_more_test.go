package cli

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// A list that is not whole says so, and one that is says nothing.
func TestD1_AListThatIsCutSaysSo(t *testing.T) {
	runs := []*controlv1.JobRun{aRun(), aRun(), aRun()}
	address := answers(map[string]proto.Message{"ListJobRuns": &controlv1.ListJobRunsResponse{JobRuns: runs}}).Start(t)
	for limit, want := range map[string]string{
		"2": "these are the 2 newest; --max 0 shows all\n",
		"3": "",
		"0": "",
	} {
		r := command(t.Context(), address, "job-run", "list", "--max", limit)
		if r.failed != nil || r.err.String() != want {
			t.Errorf("--max %s: %v, said %q, want %q", limit, r.failed, r.err.String(), want)
		}
		if got := strings.Count(r.out.String(), aRun().GetJobRunId()); limit == "2" && got != 2 {
			t.Errorf("--max 2 shows %d runs:\n%s", got, r.out.String())
		}
	}
}

// Events have ids alone: a word that means nothing is told, and not waited for.
func TestD1_EventsOfWhatIsNotThereAreRefused(t *testing.T) {
	address := answers(map[string]proto.Message{
		"ListJobRuns":      &controlv1.ListJobRunsResponse{},
		"ListApplications": &controlv1.ListApplicationsResponse{},
	}).Start(t)
	for flag, word := range map[string]string{"--job-run": "nightly", "--application": "reports"} {
		r := command(t.Context(), address, "events", flag, word)
		if !errs.Is(r.failed, errs.NotFound) || !strings.Contains(r.failed.Error(), word) {
			t.Errorf("events %s %s: %v", flag, word, r.failed)
		}
	}
}
