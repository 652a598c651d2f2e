package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"

	"github.com/headrace/headrace/agent/servers"
	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/internal/authority"
	"github.com/headrace/headrace/internal/mtls"
	"github.com/headrace/headrace/internal/testcluster"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	"github.com/headrace/headrace/server"
)

// serverLog is what a server logs while a test reads it.
type serverLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *serverLog) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// logged starts a cluster of one server with HTTP, whose log is kept.
func logged(t *testing.T, secure bool) (*testcluster.Cluster, *serverLog) {
	log := &serverLog{}
	cluster := testcluster.Start(t, testcluster.Config{
		Servers: 1,
		TLS:     secure,
		HTTP:    true,
		Adjust:  func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(log, nil)) },
	})
	return cluster, log
}

// credentialsOf makes a certificate of a role by an authority.
func credentialsOf(t *testing.T, dir, role string) credentials.TransportCredentials {
	t.Helper()
	out := filepath.Join(t.TempDir(), role)
	must(t, authority.Issue(dir, authority.Request{Role: role, Name: "bob", Out: out}))
	files := mtls.Files{CA: filepath.Join(dir, "ca.pem"), Cert: out + ".pem", Key: out + "-key.pem"}
	config, err := files.Dial()
	must(t, err)
	return credentials.NewTLS(config)
}

// Who speaks something else than a port does is told at once what to change, and the server says it, too.
func TestC6_WhoSpeaksSomethingElseIsToldAtOnce(t *testing.T) {
	secure, secureLog := logged(t, true)
	plain, plainLog := logged(t, false)
	other := t.TempDir()
	must(t, authority.CreateAuthority(other))
	theirs := func(role string) credentials.TransportCredentials { return credentialsOf(t, other, role) }
	mine := func(role string) credentials.TransportCredentials { return credentialsOf(t, secure.Authority(), role) }
	for name, c := range map[string]struct {
		address     string
		credentials func(role string) credentials.TransportCredentials
		want        string
		says        string // in the server's log; empty: it cannot know
		log         *serverLog
	}{
		"plain at TLS": {
			secure.Servers[0].Address(), nil, "speaks TLS, and this side does not",
			"TLS does not agree", secureLog,
		},
		"TLS at plain":   {plain.Servers[0].Address(), mine, "speaks no TLS, and this side does", "speaks TLS", plainLog},
		"plain at HTTP":  {plain.Servers[0].HTTPAddress(), nil, "is a port for HTTP", "speaks gRPC", plainLog},
		"plain at HTTPS": {secure.Servers[0].HTTPAddress(), nil, "speaks TLS", "", secureLog},
		"TLS at HTTP":    {plain.Servers[0].HTTPAddress(), mine, "is a port for HTTP", "speaks TLS", plainLog},
		"TLS at HTTPS":   {secure.Servers[0].HTTPAddress(), mine, "port of the HTTP API", "speaks gRPC", secureLog},
		"another authority": {
			secure.Servers[0].Address(), theirs, "is not accepted",
			"TLS does not agree", secureLog,
		},
	} {
		t.Run(name, func(t *testing.T) {
			settings := client.DefaultConfig()
			settings.Servers = []string{c.address}
			agent := servers.Config{NodeID: "0000000000000000000000000a"}
			if c.credentials != nil {
				settings.Credentials = c.credentials("client")
				agent.Credentials = c.credentials("agent")
			}
			calls, err := client.New(settings)
			must(t, err)
			defer calls.Close()
			ask := &controlv1.GetClusterStatusRequest{}
			_, err = controlv1.NewClusterServiceClient(calls).GetClusterStatus(t.Context(), ask)
			if err == nil || client.Repeatable(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("a client is told %v", err)
			}
			if err := asAgent(t, agent, c.address); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("an agent is told %v", err)
			}
			if c.says != "" {
				testcluster.Eventually(t, "the server to say it", func() bool { return c.log.has(c.says) })
			}
		})
	}
}

// asAgent asks a server as an agent does, and returns why that cannot be.
func asAgent(t *testing.T, config servers.Config, address string) error {
	t.Helper()
	config.DataDir = t.TempDir()
	config.Configured = []string{address}
	known, err := servers.New(config)
	must(t, err)
	conn, err := known.Dial(address)
	must(t, err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = agentv1.NewAgentServiceClient(conn).GetLeader(ctx, &agentv1.GetLeaderRequest{})
	if conn.Cause() != nil {
		return conn.Cause()
	}
	return err
}
