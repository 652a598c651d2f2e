package authority

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mtls"
)

// issued makes a certificate with the authority in dir and returns its files.
func issued(t *testing.T, dir, role string, hosts ...string) mtls.Files {
	t.Helper()
	out := filepath.Join(dir, role)
	if err := Issue(dir, Request{Role: role, Name: role + "-one", Hosts: hosts, Out: out}); err != nil {
		t.Fatal(err)
	}
	return mtls.Files{CA: filepath.Join(dir, certName), Cert: out + ".pem", Key: out + "-key.pem"}
}

func created(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "authority")
	if err := CreateAuthority(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// handshake returns what both sides of a connection say about each other. The server takes one role only.
func handshake(t *testing.T, server, client mtls.Files, role string) (dialled, accepted error) {
	t.Helper()
	listen, err := server.Listen()
	if err != nil {
		t.Fatal(err)
	}
	dial, err := client.Dial()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	result := make(chan error, 1)
	go func() { result <- accept(listener, mtls.Only(listen, role)) }()
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	secured := tls.Client(connection, dial)
	if dialled = secured.Handshake(); dialled == nil {
		_, _ = secured.Read(make([]byte, 1)) // until the server has made up its mind about this certificate
	}
	return dialled, <-result
}

// accept takes one connection, through its handshake.
func accept(listener net.Listener, config *tls.Config) error {
	connection, err := listener.Accept()
	if err != nil {
		return err
	}
	defer connection.Close()
	return tls.Server(connection, config).Handshake()
}

func TestIssue_ServersTrustEachOther(t *testing.T) {
	dir := created(t)
	server := issued(t, dir, "server", "server-1.example", "10.0.0.1")
	if dialled, accepted := handshake(t, server, server, mtls.Server); dialled != nil || accepted != nil {
		t.Fatalf("dialled: %v, accepted: %v", dialled, accepted)
	}
}

func TestIssue_AnAgentIsNoServer(t *testing.T) {
	dir := created(t)
	server := issued(t, dir, "server", "localhost")
	agent := issued(t, dir, "agent")
	if _, accepted := handshake(t, server, agent, mtls.Agent); accepted != nil {
		t.Fatalf("an agent as an agent: %v", accepted)
	}
	if _, accepted := handshake(t, server, agent, mtls.Server); !errs.Is(accepted, errs.Forbidden) {
		t.Fatalf("an agent was taken for a server: %v", accepted)
	}
	if dialled, _ := handshake(t, agent, server, mtls.Server); dialled == nil {
		t.Fatal("a server that shows an agent's certificate was believed")
	}
}

func TestIssue_StrangersAreRefused(t *testing.T) {
	dir := created(t)
	stranger := issued(t, created(t), "server", "localhost")
	stranger.CA = filepath.Join(dir, certName)
	if _, accepted := handshake(t, issued(t, dir, "server", "localhost"), stranger, mtls.Server); accepted == nil {
		t.Fatal("a certificate of another authority was believed")
	}
}

func TestIssue_HostsAreProved(t *testing.T) {
	pair, err := tls.LoadX509KeyPair(pairOf(issued(t, created(t), "server", "server-1.example", "10.0.0.1", "::1")))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"server-1.example", "10.0.0.1", "::1", mtls.Server} {
		if err := pair.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if err := pair.Leaf.VerifyHostname(mtls.Agent); err == nil {
		t.Error("a server's certificate proves an agent")
	}
}

// An agent's certificate proves its node's name, and no other one's does.
func TestIssue_AnAgentsCertificateIsForOneNode(t *testing.T) {
	dir := created(t)
	if node, err := issued(t, dir, "agent").Node(); node != "agent-one" || err != nil {
		t.Errorf("the agent's certificate is for node %q, %v", node, err)
	}
	if node, err := issued(t, dir, "operator").Node(); err == nil {
		t.Errorf("an operator's certificate is for node %q", node)
	}
}

func pairOf(files mtls.Files) (cert, key string) { return files.Cert, files.Key }

func TestIssue_NamesWhatIsWrong(t *testing.T) {
	dir := created(t)
	out := filepath.Join(dir, "x")
	for name, c := range map[string]struct {
		request Request
		field   string
	}{
		"unknown role":       {Request{Role: "king", Name: "n", Out: out}, "role"},
		"no node's name":     {Request{Role: "agent", Name: "Node 1", Out: out}, "name"},
		"no name":            {Request{Role: "agent", Name: "", Out: out}, "name"},
		"no user's name":     {Request{Role: "client", Name: "Ann Other", Out: out}, "name"},
		"a name that acts":   {Request{Role: "operator", Name: "ann\x1b[2J", Out: out}, "name"},
		"a long name":        {Request{Role: "client", Name: strings.Repeat("x", 65), Out: out}, "name"},
		"no path":            {Request{Role: "agent", Name: "n"}, "out"},
		"server nowhere":     {Request{Role: "server", Name: "n", Out: out}, "host"},
		"host with a port":   {Request{Role: "server", Name: "n", Hosts: []string{"a:7401"}, Out: out}, "host"},
		"wildcard":           {Request{Role: "agent", Name: "n", Hosts: []string{"*.headrace"}, Out: out}, "host"},
		"role given as host": {Request{Role: "agent", Name: "n", Hosts: []string{"Server.headrace"}, Out: out}, "host"},
	} {
		var wrong *errs.Error
		if err := Issue(dir, c.request); !errors.As(err, &wrong) || wrong.Field != c.field || wrong.Kind != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(out + ".pem"); err == nil {
		t.Error("a refused request left a certificate")
	}
}

func TestIssue_SaysHowToMakeAnAuthority(t *testing.T) {
	err := Issue(t.TempDir(), Request{Role: "agent", Name: "n", Out: filepath.Join(t.TempDir(), "n")})
	if err == nil || !strings.Contains(err.Error(), "headrace tls create-authority") {
		t.Fatal(err)
	}
}

func TestFiles_AreNeverOverwritten(t *testing.T) {
	dir := created(t)
	before := contents(t, dir, keyName)
	if err := CreateAuthority(dir); !errs.Is(err, errs.WrongState) {
		t.Errorf("a second authority in the same place: %v", err)
	}
	agent := issued(t, dir, "agent")
	again := Request{Role: "agent", Name: "another", Out: strings.TrimSuffix(agent.Cert, ".pem")}
	if err := Issue(dir, again); !errs.Is(err, errs.WrongState) {
		t.Errorf("a second certificate in the same place: %v", err)
	}
	if contents(t, dir, keyName) != before {
		t.Error("the authority's key changed")
	}
	if err := os.Remove(agent.Key); err != nil {
		t.Fatal(err)
	}
	if err := Issue(dir, again); !errs.Is(err, errs.WrongState) {
		t.Errorf("a new key beside an old certificate: %v", err)
	}
	if _, err := os.Stat(agent.Key); err == nil {
		t.Error("a key was left beside a certificate that it is not for")
	}
}

func contents(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestFiles_KeysAreForTheirOwnerOnly(t *testing.T) {
	dir := created(t)
	for _, path := range []string{filepath.Join(dir, keyName), issued(t, dir, "client").Key} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
	}
}
