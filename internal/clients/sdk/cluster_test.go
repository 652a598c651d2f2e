package sdk

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/emrserverless"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// served is a cluster with its HTTP API.
type served struct {
	t       *testing.T
	cluster *testcluster.Cluster
	client  *http.Client
}

// serve starts a cluster, of which every server answers over HTTP.
func serve(t *testing.T, config testcluster.Config) *served {
	t.Helper()
	config.HTTP = true
	s := &served{
		t:       t,
		cluster: testcluster.Start(t, config),
		client: &http.Client{
			Transport: &http.Transport{},
			CheckRedirect: func(r *http.Request, _ []*http.Request) error {
				return fmt.Errorf("a redirect to %s", r.URL)
			},
		},
	}
	t.Cleanup(s.client.CloseIdleConnections)
	s.await()
	return s
}

// await waits until every server answers.
func (s *served) await() {
	s.t.Helper()
	for i := range s.cluster.Servers {
		testcluster.Eventually(s.t, "HTTP", func() bool {
			r, err := s.client.Get(s.at(i) + "/healthz")
			if err != nil {
				return false
			}
			defer r.Body.Close()
			return r.StatusCode == http.StatusOK
		})
	}
}

// at returns the URL of a server.
func (s *served) at(i int) string { return "http://" + s.cluster.Servers[i].HTTPAddress() }

// sdk returns an SDK that calls this URL and signs with this key.
func (s *served) sdk(url, region, id, secret string) *emrserverless.Client {
	return emrserverless.New(emrserverless.Options{
		BaseEndpoint: aws.String(url),
		Region:       region,
		Credentials:  credentials.NewStaticCredentialsProvider(id, secret, ""),
		HTTPClient:   s.client,
	})
}

// key creates an access key for a user.
func (s *served) key(user string) (id, secret string) {
	s.t.Helper()
	client := s.cluster.Leader().Client()
	made, err := client.CreateAccessKey(testcluster.Within(s.t), &controlv1.CreateAccessKeyRequest{User: user})
	must(s.t, err)
	return made.GetAccessKey().GetAccessKeyId(), made.GetSecretAccessKey()
}

// as returns an SDK for every server, all of which sign with a new key of the user.
func (s *served) as(user string) (everywhere []*emrserverless.Client) {
	s.t.Helper()
	ctx := testcluster.Within(s.t)
	id, secret := s.key(user)
	for i, server := range s.cluster.Servers {
		c := s.sdk(s.at(i), "eu-central-1", id, secret)
		testcluster.Eventually(s.t, "the key to count on "+server.ID(), func() bool {
			_, err := c.ListApplications(ctx, &emrserverless.ListApplicationsInput{})
			return err == nil
		})
		everywhere = append(everywhere, c)
	}
	return everywhere
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
