package sigv4

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	testID     = "HRAKTESTTESTTESTTEST"
	testSecret = "SECRETSECRETSECRETSECRETSECRETSECRETSECR"
)

// signedAt is when the requests of these tests are signed.
var signedAt = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// keys are access keys by id, and their owner's name is theirs.
type keys map[string]string

func (k keys) Find(id string) (Key, bool, error) {
	secret, found := k[id]
	return Key{User: "user of " + id, Secret: []byte(secret)}, found, nil
}

func newVerifier(now time.Time) *Verifier {
	return &Verifier{Keys: keys{testID: testSecret}, Service: "emr-serverless", Now: func() time.Time { return now }}
}

// sent is a request as a client sends it.
type sent struct {
	Client, Method, URL, Body string
	Header                    map[string]string
}

// arrived returns what a server's net/http makes of it.
func (s *sent) arrived(t testing.TB) (*http.Request, []byte) {
	t.Helper()
	r, err := s.parse()
	if err != nil {
		t.Fatal(err)
	}
	return r, []byte(s.Body)
}

func (s *sent) parse() (*http.Request, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, err
	}
	var wire bytes.Buffer
	fmt.Fprintf(&wire, "%s %s HTTP/1.1\r\n", s.Method, cmp.Or(strings.TrimPrefix(s.URL, u.Scheme+"://"+u.Host), "/"))
	header := map[string]string{"Host": u.Host, "Content-Length": fmt.Sprint(len(s.Body))}
	for name, value := range s.Header {
		header[http.CanonicalHeaderKey(name)] = value
	}
	for name, value := range header {
		fmt.Fprintf(&wire, "%s: %s\r\n", name, value)
	}
	wire.WriteString("\r\n" + s.Body)
	return http.ReadRequest(bufio.NewReader(&wire))
}

func (s *sent) clone() *sent {
	c := *s
	c.Header = map[string]string{}
	for name, value := range s.Header {
		c.Header[name] = value
	}
	return &c
}

// captured returns requests that a real client made: of each kind of path, with a base path, and with a session token.
// They were made with the clock at signedAt.
func captured(t testing.TB, client string) (all []*sent) {
	t.Helper()
	content, err := os.ReadFile("testdata/" + client + ".json")
	if err == nil {
		err = json.Unmarshal(content, &all)
	}
	if err != nil || len(all) < 8 {
		t.Fatalf("%d requests of %s: %v", len(all), client, err)
	}
	return all
}

// A style is what a client signs: besides Host and time, the headers that it has before it signs.
type style struct {
	name   string
	before map[string]string // x-amz-content-sha256 stands for the body's own
	length bool              // content-length is signed
}

var styles = []style{
	{name: "python"},
	{
		name: "go",
		before: map[string]string{
			"amz-sdk-invocation-id": "3b5e",
			"amz-sdk-request":       "attempt=1;  max=3",
		},
		length: true,
	},
	{
		name: "js",
		before: map[string]string{
			"amz-sdk-request":      "attempt=1",
			"x-amz-user-agent":     "aws-sdk-js/3",
			"x-amz-content-sha256": "",
		},
		length: true,
	},
}

// sign signs a request with the signer of the SDK for Go, as a client of a style does.
func sign(t testing.TB, s style, method, address, body string, at time.Time) *sent {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if !s.length {
		r.ContentLength = 0
	}
	for name, value := range s.before {
		if name == "x-amz-content-sha256" {
			value = hashOf([]byte(body))
		}
		r.Header.Set(name, value)
	}
	credentials := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	hash := hashOf([]byte(body))
	err = v4.NewSigner().SignHTTP(t.Context(), credentials, r, hash, "emr-serverless", "eu-west-1", at)
	if err != nil {
		t.Fatal(err)
	}
	out := &sent{
		Client: s.name,
		Method: method,
		URL:    address,
		Body:   body,
		Header: map[string]string{
			"User-Agent": "unsigned/1",
			"Accept":     "*/*",
		},
	}
	for name := range r.Header {
		out.Header[name] = r.Header.Get(name)
	}
	return out
}

// wantRefused holds that an error is a refusal of one of these names, and says these words.
func wantRefused(t testing.TB, what string, err error, names []string, words ...string) {
	t.Helper()
	var refusal *Error
	if !errors.As(err, &refusal) || !slices.Contains(names, refusal.Name) || refusal.Status != http.StatusForbidden {
		t.Errorf("%s: got %v, not one of %v", what, err, names)
		return
	}
	for _, word := range words {
		if !strings.Contains(refusal.Message, word) {
			t.Errorf("%s: %q does not say %q", what, refusal.Message, word)
		}
	}
	if strings.Contains(refusal.Message, testSecret) {
		t.Errorf("%s: %q has the secret in it", what, refusal.Message)
	}
}
