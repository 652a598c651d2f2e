package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/headrace/headrace/internal/testcluster"
	"github.com/headrace/headrace/server"
)

func TestRun_EndsWhenItWasStoppedBeforeItBegan(t *testing.T) {
	t.Parallel()
	s, err := server.New(config(t))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, s.Run(ctx))
}

func TestRun_EndsWhenItCannotServe(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close()
	cfg := config(t)
	cfg.HTTPAddress = listener.Addr().String()
	s, err := server.New(cfg)
	must(t, err)
	if err := s.Run(t.Context()); err == nil {
		t.Error("it served on an address that is taken")
	}
}

func TestHealth_IsToldByWhetherThereIsALeader(t *testing.T) {
	t.Parallel()
	addresses := map[string]string{}
	cluster := testcluster.Start(t, testcluster.Config{Servers: 2, Adjust: func(c *server.Config) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		addresses[c.ServerID] = listener.Addr().String()
		c.HTTPAddress = listener.Addr().String()
		must(t, listener.Close())
	}})
	ctx := testcluster.Within(t)
	one := cluster.Servers[0]
	other := cluster.Servers[1]
	conn := cluster.Dial(one, "client")
	defer conn.Close()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	says := func(health healthv1.HealthCheckResponse_ServingStatus, code int) func() bool {
		return func() bool {
			answer, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
			must(t, err)
			page, err := client.Get(fmt.Sprintf("http://%s/healthz", addresses[one.ID()]))
			must(t, err)
			defer page.Body.Close()
			return answer.GetStatus() == health && page.StatusCode == code
		}
	}
	testcluster.Eventually(t,
		"a server with a leader to serve", says(healthv1.HealthCheckResponse_SERVING, http.StatusOK))
	watch, err := healthv1.NewHealthClient(conn).Watch(ctx, &healthv1.HealthCheckRequest{})
	must(t, err)
	tells := func(want healthv1.HealthCheckResponse_ServingStatus) {
		m, err := watch.Recv()
		must(t, err)
		if m.GetStatus() != want {
			t.Errorf("watching health tells %s, not %s", m.GetStatus(), want)
		}
	}
	tells(healthv1.HealthCheckResponse_SERVING)
	other.Stop() // one of two is no majority
	testcluster.Eventually(t,
		"a server without a leader to say so",
		says(healthv1.HealthCheckResponse_NOT_SERVING, http.StatusServiceUnavailable))
	tells(healthv1.HealthCheckResponse_NOT_SERVING)
	other.Start()
	testcluster.Eventually(t, "the server to serve again", says(healthv1.HealthCheckResponse_SERVING, http.StatusOK))
}
