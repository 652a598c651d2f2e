package http_test

import (
	"errors"
	nethttp "net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/aws/smithy-go"

	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// A cluster lets in who signs with one of its keys, tells who that was, and refuses everybody else, by the names that clients know.
func TestSDK_SignsWithAKeyOfTheCluster(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 1, HTTP: true})
	ctx := testcluster.Within(t)
	made, err := cluster.Leader().Client().CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bob"})
	if err != nil {
		t.Fatal(err)
	}
	client := &nethttp.Client{Transport: &nethttp.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	sdk := func(id, secret string) *emrserverless.Client {
		return emrserverless.New(emrserverless.Options{BaseEndpoint: aws.String("http://" + cluster.Servers[0].HTTPAddress()), Region: "eu-central-1",
			Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""), HTTPClient: client})
	}
	id, secret := made.GetAccessKey().GetAccessKeyId(), made.GetSecretAccessKey()
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
	answer, err := client.Get("http://" + cluster.Servers[0].HTTPAddress() + "/applications")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != nethttp.StatusForbidden || answer.Header.Get("x-amzn-errortype") != "MissingAuthenticationTokenException" {
		t.Errorf("not signed: %d %s", answer.StatusCode, answer.Header.Get("x-amzn-errortype"))
	}
}
