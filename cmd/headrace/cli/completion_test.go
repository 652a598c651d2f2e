package cli

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The shell offers what begins with what stands there, however much there is.
func TestD4_CompletionFindsWhatBeginsSoAmongMany(t *testing.T) {
	server := &clusterfake.Server{Answer: func(c clusterfake.Call) (proto.Message, error) {
		switch r := c.Request.(type) {
		case *controlv1.ListApplicationsRequest:
			return manyApplications(r.GetNextToken()), nil
		case *controlv1.ListJobRunsRequest:
			return &controlv1.ListJobRunsResponse{JobRuns: []*controlv1.JobRun{{JobRunId: r.GetIdPrefix() + "xyz"}}}, nil
		case *controlv1.ListAccessKeysRequest:
			return &controlv1.ListAccessKeysResponse{AccessKeys: []*controlv1.AccessKey{
				{AccessKeyId: r.GetIdPrefix() + "XYZ"},
			}}, nil
		}
		return nil, errs.New(errs.NotFound, "the test has no answer for %s", c.Method)
	}}
	address := server.Start(t)
	for args, want := range map[string]string{
		"application get app-0499":   "app-0499\tname-0499\n",
		"application get name-0499":  "name-0499\tapp-0499\n",
		"job-run get 01ab":           "01abxyz\n",
		"access-key revoke HRAKABCD": "HRAKABCDXYZ\n",
	} {
		r := command(t.Context(), address, append([]string{"__complete"}, strings.Split(args, " ")...)...)
		if r.failed != nil || !strings.HasPrefix(r.out.String(), want) {
			t.Errorf("%q offers %q (%v), want %q", args, r.out.String(), r.failed, want)
		}
	}
	r := command(t.Context(), address, "__complete", "application", "get", "app")
	if n := strings.Count(r.out.String(), "\n"); n < offeredMost || n > offeredMost+2 {
		t.Errorf("it offers %d applications", n)
	}
}

// manyApplications is one of ten pages of fifty applications each.
func manyApplications(token string) *controlv1.ListApplicationsResponse {
	page, _ := strconv.Atoi(token)
	answer := &controlv1.ListApplicationsResponse{}
	for i := range 50 {
		number := fmt.Sprintf("%04d", 50*page+i)
		answer.Applications = append(answer.Applications, &controlv1.Application{
			ApplicationId: "app-" + number,
			Spec:          specv1.Application_builder{Name: new("name-" + number)}.Build(),
		})
	}
	if page < 9 {
		answer.NextToken = strconv.Itoa(page + 1)
	}
	return answer
}
