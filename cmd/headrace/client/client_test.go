package client

import (
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// dial returns a client that is quick to try again.
func dial(t *testing.T, retryFor time.Duration, servers ...string) *Client {
	t.Helper()
	c, err := New(Config{
		Servers:    servers,
		RetryFor:   retryFor,
		TryFirst:   10 * time.Second,
		TryMax:     10 * time.Second,
		RetryFirst: time.Millisecond,
		RetryMax:   5 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func answering(m proto.Message, err error) *clusterfake.Server {
	return &clusterfake.Server{Answer: func(clusterfake.Call) (proto.Message, error) { return m, err }}
}

func start(t *testing.T, c *Client) (*controlv1.StartJobRunResponse, error) {
	t.Helper()
	return controlv1.NewJobRunServiceClient(c).StartJobRun(t.Context(),
		&controlv1.StartJobRunRequest{ApplicationId: "a"})
}

func TestClient_RepeatsOnTheNextServerWithTheSameRequestID(t *testing.T) {
	for _, kind := range []errs.Kind{errs.Unavailable, errs.Unknown, errs.NotLeader, errs.Overloaded} {
		broken := answering(nil, errs.New(kind, "not now"))
		healthy := answering(&controlv1.StartJobRunResponse{Record: 7}, nil)
		answer, err := start(t, dial(t, 10*time.Second, broken.Start(t), healthy.Start(t)))
		if err != nil || answer.GetRecord() != 7 {
			t.Fatalf("%s: answer %v, error %v", kind, answer, err)
		}
		first := broken.Calls()
		second := healthy.Calls()
		if len(first) != 1 || len(second) != 1 || first[0].RequestID == "" ||
			first[0].RequestID != second[0].RequestID {
			t.Errorf("%s: calls %v then %v, want one each with one request id", kind, first, second)
		}
	}
}

func TestClient_EveryInvocationHasItsOwnRequestID(t *testing.T) {
	server := answering(&controlv1.StartJobRunResponse{}, nil)
	c := dial(t, time.Second, server.Start(t))
	for range 2 {
		if _, err := start(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if calls := server.Calls(); len(calls) != 2 || calls[0].RequestID == calls[1].RequestID {
		t.Errorf("calls %v, want two request ids", calls)
	}
}

func TestClient_NextServerWhenOneDoesNotListen(t *testing.T) {
	healthy := answering(&controlv1.StartJobRunResponse{Record: 7}, nil)
	if _, err := start(t, dial(t, 10*time.Second, "127.0.0.1:1", healthy.Start(t))); err != nil {
		t.Fatal(err)
	}
}

func TestClient_DoesNotRepeatARefusal(t *testing.T) {
	server := answering(nil, errs.Field("spark_submit.entry_point", "it names no file"))
	_, err := start(t, dial(t, 10*time.Second, server.Start(t)))
	if !errs.Is(err, errs.Invalid) || err.Error() != "spark_submit.entry_point: it names no file" {
		t.Errorf("error %v, want the server's", err)
	}
	if n := len(server.Calls()); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestClient_GivesUp(t *testing.T) {
	server := answering(nil, errs.New(errs.Unavailable, "no leader"))
	_, err := start(t, dial(t, 20*time.Millisecond, server.Start(t)))
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("error %v, want the last one", err)
	}
	if n := len(server.Calls()); n < 2 {
		t.Errorf("%d calls, want several", n)
	}
}

// A server that hangs holds a call for a bounded time only, then the next one is asked, under the same request id.
func TestC3_ClientLeavesAServerThatHangs(t *testing.T) {
	release := make(chan struct{})
	hanging := &clusterfake.Server{Answer: func(clusterfake.Call) (proto.Message, error) {
		<-release
		return nil, errs.New(errs.Unavailable, "too late")
	}}
	healthy := answering(&controlv1.StartJobRunResponse{Record: 7}, nil)
	c := dial(t, 30*time.Second, hanging.Start(t), healthy.Start(t))
	t.Cleanup(func() { close(release) })
	c.config.TryFirst = 50 * time.Millisecond
	answer, err := start(t, c)
	if err != nil || answer.GetRecord() != 7 {
		t.Fatalf("answer %v, error %v", answer, err)
	}
	if id := healthy.Calls()[0].RequestID; id == "" || id != hanging.Calls()[0].RequestID {
		t.Errorf("the repetition has request id %q", id)
	}
}

// A call that takes long on every server is given more time with every round; where there is one server, at once.
func TestC3_ClientHasPatienceWithWhatTakesLong(t *testing.T) {
	c := &Client{config: DefaultConfig(), conns: make([]*grpc.ClientConn, 3)}
	for tries, want := range map[int]time.Duration{0: 3, 2: 3, 3: 6, 5: 6, 6: 12, 9: 20, 300: 20} {
		if got := c.tryFor(tries); got != want*time.Second {
			t.Errorf("after %d tries one takes %s", tries, got)
		}
	}
	c.conns = c.conns[:1]
	if got := c.tryFor(0); got != 20*time.Second {
		t.Errorf("the only server has %s", got)
	}
}
