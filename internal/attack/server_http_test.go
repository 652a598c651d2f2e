package attack

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/headrace/headrace/internal/testcluster"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// key creates an access key that counts on a server.
func (w *serverWorld) key(s *testcluster.Server, user string) aws.Credentials {
	w.t.Helper()
	made, err := w.client().CreateAccessKey(testcluster.Within(w.t), &controlv1.CreateAccessKeyRequest{User: user})
	w.must(err)
	key := accessKey(made)
	testcluster.Eventually(w.t, "a key to count on "+s.ID(), func() bool { return w.lists(s, key) == nil })
	return key
}

// accessKey is the key that a server made, as the signer takes it.
func accessKey(made *controlv1.CreateAccessKeyResponse) aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     made.GetAccessKey().GetAccessKeyId(),
		SecretAccessKey: made.GetSecretAccessKey(),
	}
}

// signed is a request with a signature over its body; declares says whether it says its body's hash in a header.
func signed(
	ctx context.Context,
	s *testcluster.Server,
	key aws.Credentials,
	method, path, body string,
	declares bool,
) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.HTTPAddress()+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	if declares {
		r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
	}
	return r, v4.NewSigner().SignHTTP(ctx, key, r, hex.EncodeToString(sum[:]), "emr-serverless", "us-east-1", time.Now())
}

// lists is a call of an honest client, which has patience for five seconds.
func (w *serverWorld) lists(s *testcluster.Server, key aws.Credentials) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	r, err := signed(ctx, s, key, http.MethodGet, "/applications", "", false)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", answer.Status, text)
	}
	return nil
}

// creates is another call, which has a body.
func (w *serverWorld) creates(s *testcluster.Server, key aws.Credentials) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	r, err := signed(
		ctx,
		s,
		key,
		http.MethodPost,
		"/applications",
		`{"releaseLabel":"emr-7.2.0","type":"Spark","clientToken":"`+newID()+`"}`,
		false,
	)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", answer.Status, text)
	}
	return nil
}

// flood opens connections that send some bytes and then nothing. It returns how many of them the server has ended so
// far.
func (w *serverWorld) flood(s *testcluster.Server, connections int, text func(i int) string) (ended func() int) {
	w.t.Helper()
	var mu sync.Mutex
	gone := 0
	group := sync.WaitGroup{}
	var all []net.Conn
	for i := range connections {
		c, err := net.Dial("tcp", s.HTTPAddress())
		w.must(err)
		all = append(all, c)
		_, err = io.WriteString(c, text(i))
		w.must(err)
		group.Go(func() {
			_, _ = io.Copy(io.Discard, bufio.NewReader(c))
			mu.Lock()
			defer mu.Unlock()
			gone++
		})
	}
	w.t.Cleanup(func() {
		for _, c := range all {
			_ = c.Close()
		}
		group.Wait()
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return gone
	}
}

// served holds that an honest client is served at once, all the time.
func (w *serverWorld) served(s *testcluster.Server, key aws.Credentials, what string) {
	w.t.Helper()
	for range 20 {
		if err := w.lists(s, key); err != nil {
			w.t.Errorf("%s: a list: %v", what, err)
		}
		if err := w.creates(s, key); err != nil {
			w.t.Errorf("%s: a creation: %v", what, err)
		}
	}
}

// half is a request that promises a body which does not come.
func half(header ...string) string {
	lines := strings.Join(append(header, ""), "\r\n")
	return "POST /applications HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n" + lines + "\r\n{\"half\":"
}

// 512 bodies of which half came, without any key, took all places: nobody was served until they ran out.
func TestServerHTTP_HalfABodyWithoutAKeyTakesNoPlace(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Servers: 1, HTTP: true})
	s := w.cluster.Servers[0]
	key := w.key(s, "ann")
	now := time.Now().UTC()
	unknown := fmt.Sprintf("Authorization: AWS4-HMAC-SHA256 "+
		"Credential=HRAKNOBODYNOBODYNOB/%s/us-east-1/emr-serverless/aws4_request, "+
		"SignedHeaders=host;x-amz-date, Signature=%064d", now.Format("20060102"), 0)
	wrong := strings.Replace(unknown, "HRAKNOBODYNOBODYNOB", key.AccessKeyID, 1)
	date := "X-Amz-Date: " + now.Format("20060102T150405Z")
	old := "X-Amz-Date: " + now.Add(-time.Hour).Format("20060102T150405Z")
	hash := fmt.Sprintf("X-Amz-Content-Sha256: %064d", 0)
	declared := strings.Replace(wrong, "host;x-amz-date", "host;x-amz-content-sha256;x-amz-date", 1)
	kinds := []string{
		half(),
		half("Authorization: Bearer x"),
		half(unknown, date),
		half(wrong, old),
		half(declared, date, hash),
		half(
			wrong,
			date,
			"X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
		),
		half(wrong, date, "X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
	}
	const connections = 700
	ended := w.flood(s, connections, func(i int) string { return kinds[i%len(kinds)] })
	w.served(s, key, "without a key")
	testcluster.Eventually(t, "the server to end what has no key", func() bool { return ended() == connections })
	w.others()
}

// Who knows the id of a key, which is no secret, gets no further than a share of the places for bodies, and not for
// long; who owns a key takes places of nobody else's.
func TestServerHTTP_SlowBodiesTakeOnlyTheirOwnShare(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Servers: 1, HTTP: true})
	s := w.cluster.Servers[0]
	key, other, now := w.key(s, "ann"), w.key(s, "eve"), time.Now().UTC()
	body := strings.Repeat(" ", 100_000)
	slow, err := signed(t.Context(), s, other, http.MethodPost, "/applications", body, true)
	w.must(err)
	var proved strings.Builder
	proved.WriteString("POST /applications HTTP/1.1\r\nHost: " + s.HTTPAddress() + "\r\nContent-Length: 100000\r\n")
	w.must(slow.Header.Write(&proved))
	proved.WriteString("\r\n{")
	credential := key.AccessKeyID + "/" + now.Format("20060102") + "/us-east-1/emr-serverless/aws4_request"
	named := half(
		"Host2: h",
		fmt.Sprintf("Authorization: AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host;x-amz-date, Signature=%064d",
			credential, 0),
		"X-Amz-Date: "+now.Format("20060102T150405Z"),
	)
	for what, text := range map[string]string{
		"the owner of another key":  proved.String(),
		"who knows the id of a key": named,
	} {
		const connections = 200
		ended := w.flood(s, connections, func(int) string { return text })
		began := time.Now()
		for range 10 {
			if err := w.lists(s, key); err != nil {
				t.Errorf("%s: a list: %v", what, err)
			}
		}
		if what == "the owner of another key" { // the other one comes from the same address, and waits like everybody there
			w.served(s, key, what)
		}
		testcluster.Eventually(t, "the server to end slow bodies", func() bool { return ended() == connections })
		if took := time.Since(began); took > 25*time.Second {
			t.Errorf("%s: slow bodies had places for %s", what, took)
		}
	}
	w.served(s, key, "afterwards")
	w.others()
}

// Headers that never end hold a connection for seconds, and places not at all.
func TestServerHTTP_SlowHeadersKeepNobodyOut(t *testing.T) {
	if !apart(t) {
		return
	}
	w := newServerWorld(t, testcluster.Config{Servers: 1, HTTP: true})
	s := w.cluster.Servers[0]
	key := w.key(s, "ann")
	const connections = 700
	ended := w.flood(s, connections, func(i int) string {
		return []string{"", "GET /applications HTTP/1.1\r\nHost: h\r\nX: ", "GET /ui HTTP/1.1\r\n"}[i%3]
	})
	w.served(s, key, "slow headers")
	testcluster.Eventually(t, "the server to end slow headers", func() bool { return ended() == connections })
	w.others()
}
