package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server/sigv4"
)

// How the HTTP API is called.
const (
	httpCallers = 32
	httpTime    = 5 * time.Second
	httpService = "emr-serverless"
)

// signer calls an HTTP server with signatures, as SDKs make them.
type signer struct {
	base   string
	keys   aws.Credentials
	client *http.Client
	signer *v4.Signer
}

func newSigner(base string, keys aws.Credentials) *signer {
	transport := &http.Transport{MaxIdleConnsPerHost: httpCallers}
	return &signer{
		base:   base,
		keys:   keys,
		client: &http.Client{Transport: transport, Timeout: 30 * time.Second},
		signer: v4.NewSigner(),
	}
}

// call makes one request, and reads its answer into into unless that is nil.
func (s *signer) call(ctx context.Context, method, path string, body []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	sum := sha256.Sum256(body)
	err = s.signer.SignHTTP(ctx, s.keys, r, hex.EncodeToString(sum[:]), httpService, "us-east-1", time.Now())
	if err != nil {
		return err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s %s", method, path, answer.Status, content)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(content, into)
	}
	return err
}

// rate calls as often as it can for a while, and returns how often a second that was.
func (s *signer) rate(ctx context.Context, call func(ctx context.Context, number int64) error) (float64, error) {
	var calls atomic.Int64
	var callers sync.WaitGroup
	failed := make(chan error, httpCallers)
	began := time.Now()
	for range httpCallers {
		callers.Go(func() {
			for time.Since(began) < httpTime {
				if err := call(ctx, calls.Add(1)); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	callers.Wait()
	close(failed)
	return float64(calls.Load()) / time.Since(began).Seconds(), <-failed
}

// measureHTTP measures StartJobRun and GetJobRun over HTTP with signatures, beside a bare handler that only verifies
// the same ones.
func measureHTTP(ctx context.Context, to *figures, _ string) error {
	return onServers(ctx, func(leader *controlServer) error {
		accessKeys := controlv1.NewAccessKeyServiceClient(leader.conn)
		made, err := accessKeys.CreateAccessKey(ctx, &controlv1.CreateAccessKeyRequest{User: "bench"})
		if err != nil {
			return err
		}
		keys := aws.Credentials{AccessKeyID: made.GetAccessKey().GetAccessKeyId(), SecretAccessKey: made.GetSecretAccessKey()}
		api := newSigner("http://"+leader.http, keys)
		get, start, err := measureCalls(ctx, api)
		if err != nil {
			return err
		}
		bareGet, bareStart, err := measureBare(ctx, keys)
		if err != nil {
			return err
		}
		at := fmt.Sprintf(
			"%d callers, %s each, every request signed and verified, callers and servers in one process",
			httpCallers,
			httpTime,
		)
		cluster := at + ", three servers, asked is the leader, fsync on"
		to.add("http.get_job_run", get, "calls/s", cluster)
		to.add("http.get_job_run.bare", bareGet, "calls/s", at+"; the handler only verifies")
		to.ratio("http.get_job_run.ratio", "http.get_job_run", "http.get_job_run.bare")
		to.add("http.start_job_run", start, "calls/s", cluster+", no nodes: runs wait")
		to.add("http.start_job_run.bare", bareStart, "calls/s", at+"; the handler only verifies")
		to.ratio("http.start_job_run.ratio", "http.start_job_run", "http.start_job_run.bare")
		return nil
	})
}

// submission is what StartJobRun is called with.
func submission(number int64) []byte {
	const format = `{"clientToken":"bench-%d","executionRoleArn":"arn:aws:iam::000000000000:role/default",` +
		`"jobDriver":{"sparkSubmit":{"entryPoint":"s3://bucket/job.py","entryPointArguments":["2026-11-23"],` +
		`"sparkSubmitParameters":"--conf spark.executor.cores=4"}}}`
	return fmt.Appendf(nil, format, number)
}

// measureCalls measures the real API.
func measureCalls(ctx context.Context, api *signer) (get, start float64, err error) {
	var application struct{ ApplicationID string }
	body := []byte(`{"name":"bench","releaseLabel":"emr-7.2.0","type":"SPARK","clientToken":"bench"}`)
	if err := api.call(ctx, http.MethodPost, "/applications", body, &application); err != nil {
		return 0, 0, err
	}
	runs := "/applications/" + application.ApplicationID + "/jobruns"
	var run struct{ JobRunID string }
	if err := api.call(ctx, http.MethodPost, runs, submission(0), &run); err != nil {
		return 0, 0, err
	}
	get, err = api.rate(ctx, func(ctx context.Context, _ int64) error {
		return api.call(ctx, http.MethodGet, runs+"/"+run.JobRunID, nil, nil)
	})
	if err != nil {
		return 0, 0, err
	}
	start, err = api.rate(ctx, func(ctx context.Context, n int64) error {
		return api.call(ctx, http.MethodPost, runs, submission(n), nil)
	})
	return get, start, err
}

// oneKey knows one key.
type oneKey aws.Credentials

// Find returns it.
func (k oneKey) Find(id string) (key sigv4.Key, found bool, err error) {
	return sigv4.Key{Secret: []byte(k.SecretAccessKey), User: "bench"}, id == k.AccessKeyID, nil
}

// verifies returns a handler that verifies and says nothing.
func verifies(verifier *sigv4.Verifier) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = verifier.Authenticate(r, body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, "{}")
	}
}

// measureBare measures a handler that verifies and says nothing.
func measureBare(ctx context.Context, keys aws.Credentials) (get, start float64, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	verifier := &sigv4.Verifier{Keys: oneKey(keys), Service: httpService, Now: time.Now}
	bare := &http.Server{ReadHeaderTimeout: time.Second, Handler: verifies(verifier)}
	served := make(chan struct{})
	go func() { defer close(served); _ = bare.Serve(listener) }()
	defer func() { err = errors.Join(err, bare.Close()); <-served }()
	api := newSigner("http://"+listener.Addr().String(), keys)
	const runs = "/applications/01m82zzcefza8gd34pxbbcysgj/jobruns"
	get, err = api.rate(ctx, func(ctx context.Context, _ int64) error {
		return api.call(ctx, http.MethodGet, runs+"/01m82zzcejjnerja860zpwtzhq", nil, nil)
	})
	if err != nil {
		return 0, 0, err
	}
	start, err = api.rate(ctx, func(ctx context.Context, n int64) error {
		return api.call(ctx, http.MethodPost, runs, submission(n), nil)
	})
	return get, start, err
}
