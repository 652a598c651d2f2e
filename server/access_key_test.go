package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
	"github.com/headrace/headrace/server/sigv4"
)

// signed is a request without a body, signed now with a key.
func signed(t *testing.T, k *controlv1.CreateAccessKeyResponse) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://headrace.example/applications", nil)
	must(t, err)
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	credentials := aws.Credentials{
		AccessKeyID:     k.GetAccessKey().GetAccessKeyId(),
		SecretAccessKey: k.GetSecretAccessKey(),
	}
	must(t, v4.NewSigner().SignHTTP(t.Context(), credentials, r, nothing, "emr-serverless", "eu-west-1", time.Now()))
	return r
}

// A key that was made through any server counts on all of them, also after they have started anew, until it is revoked.
func TestAccessKeys_CountOnEveryServer(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Servers: 3})
	ctx := testcluster.Within(t)
	made, err := cluster.Follower().Client().CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bob"})
	must(t, err)
	everywhere := func(says func(user string, err error) bool) func() bool {
		return func() bool {
			for _, s := range cluster.Servers {
				if !says(s.Authenticate(signed(t, made), nil)) {
					return false
				}
			}
			return true
		}
	}
	isBob := func(user string, err error) bool { return user == "bob" && err == nil }
	testcluster.Eventually(t, "the key to count everywhere", everywhere(isBob))
	for _, s := range cluster.Servers {
		s.Stop()
	}
	for _, s := range cluster.Servers {
		s.Start()
	}
	testcluster.Eventually(t, "the key to count after a restart", everywhere(isBob))
	must(t, cluster.Anywhere(ctx, func(c *testcluster.Client) error {
		_, err := c.RevokeAccessKey(
			ctx, &controlv1.RevokeAccessKeyRequest{AccessKeyId: made.GetAccessKey().GetAccessKeyId()},
		)
		return err
	}))
	testcluster.Eventually(t, "the revoked key to be refused everywhere", everywhere(func(_ string, err error) bool {
		refusal, ok := err.(*sigv4.Error)
		return ok && refusal.Name == sigv4.Unrecognized && refusal.Status == http.StatusForbidden
	}))
}

// In headrace dev everybody on the machine is let in, and a server that others reach refuses to be like that.
func TestAuthenticator_AnySignatureOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	cluster := testcluster.Start(t, testcluster.Config{Adjust: func(c *server.Config) { c.AnySignature = true }})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/", nil)
	must(t, err)
	if user, err := cluster.Servers[0].Authenticate(r, nil); user != "default" || err != nil {
		t.Errorf("got %q, %v", user, err)
	}
	c := config(t)
	c.AnySignature = true
	c.Insecure = true
	c.HTTPAddress = "0.0.0.0:7400"
	wantError(t, c.Validate(), errs.Invalid, "http_any_signature", "0.0.0.0:7400")
}

// Clients of the HTTP port prove themselves by signatures and links: it speaks TLS with the server's certificate, and
// asks for none.
func TestTLS_HTTPAsksForNoCertificate(t *testing.T) {
	t.Parallel()
	var address, authority string
	cluster := testcluster.Start(t, testcluster.Config{TLS: true, Adjust: func(c *server.Config) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		c.HTTPAddress = listener.Addr().String()
		address = listener.Addr().String()
		authority = c.TLS.CAFile
		must(t, listener.Close())
	}})
	cluster.Leader()
	pem, err := os.ReadFile(authority)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	get := func(scheme string, trusted *x509.CertPool) (int, error) {
		client := &http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: trusted},
		}}
		page, err := client.Get(scheme + "://" + address + "/healthz")
		if err != nil {
			return 0, err
		}
		return page.StatusCode, page.Body.Close()
	}
	testcluster.Eventually(t, "health over TLS", func() bool {
		status, err := get("https", pool)
		return err == nil && status == http.StatusOK
	})
	if status, err := get("https", x509.NewCertPool()); err == nil {
		t.Errorf("its certificate is taken, whoever signed it: %d", status)
	}
	if status, err := get("http", nil); err == nil && status == http.StatusOK {
		t.Error("it answers in the clear")
	}
}
