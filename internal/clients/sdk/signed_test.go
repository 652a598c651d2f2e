package sdk

import (
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/smithy-go"
	"github.com/headrace/headrace/internal/testcluster"
)

// A cluster lets in who signs with one of its keys, tells who that was, and refuses everybody else, by the names that
// clients know.
func TestSDK_SignsWithAKeyOfTheCluster(t *testing.T) {
	t.Parallel()
	s := serve(t, testcluster.Config{Servers: 1})
	ctx := testcluster.Within(t)
	sdk := func(id, secret string) *emrserverless.Client { return s.sdk(s.at(0), "eu-central-1", id, secret) }
	id, secret := s.key("bob")
	if _, err := sdk(id, secret).ListApplications(ctx, &emrserverless.ListApplicationsInput{}); err != nil {
		t.Errorf("signed with a key of the cluster: %v", err)
	}
	for name, c := range map[string]*emrserverless.Client{
		"SignatureDoesNotMatch": sdk(id, "another"), "UnrecognizedClientException": sdk("AKIDEXAMPLE", secret),
	} {
		_, err := c.ListApplications(ctx, &emrserverless.ListApplicationsInput{})
		if api := smithy.APIError(nil); !errors.As(err, &api) || api.ErrorCode() != name {
			t.Errorf("%v, want %s", err, name)
		}
	}
	answer, err := s.client.Get(s.at(0) + "/applications")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusForbidden ||
		answer.Header.Get("x-amzn-errortype") != "MissingAuthenticationTokenException" {
		t.Errorf("not signed: %d %s", answer.StatusCode, answer.Header.Get("x-amzn-errortype"))
	}
}
