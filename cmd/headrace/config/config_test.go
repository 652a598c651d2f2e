package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/errs"
)

// source is where a test's settings come from.
func source(t *testing.T, file string, variables map[string]string, flags ...string) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	given := pflag.NewFlagSet("", pflag.ContinueOnError)
	bound := DefaultServer()
	bound.Bind(given)
	if err := given.Parse(flags); err != nil {
		t.Fatal(err)
	}
	return Source{Path: path, Required: true, Given: given, Lookup: func(name string) (string, bool) {
		value, found := variables[name]
		return value, found
	}}
}

func TestLoad_FlagsOverVariablesOverFileOverDefaults(t *testing.T) {
	s := DefaultServer()
	err := Load(&s,
		source(
			t,
			"region: file\naccount_id: '111111111111'\nserver_id: file\njoin: [a:1, b:2]\nbootstrap_expect: 3\nlease: 20s\n",
			map[string]string{
				"HEADRACE_REGION":      "variable",
				"HEADRACE_SERVER_ID":   "variable",
				"HEADRACE_TLS_CA_FILE": "",
			},
			"--server-id=flag",
			"--join=c:3",
			"--join=d:4",
		))
	if err != nil {
		t.Fatal(err)
	}
	if s.ServerID != "flag" || s.Region != "variable" || s.AccountID != "111111111111" || s.LogStore != "wal" ||
		s.Lease != 20*time.Second {
		t.Errorf("settings %+v", s)
	}
	if want := []string{"c:3", "d:4"}; !slices.Equal(s.Join, want) {
		t.Errorf("join %v, want the flags' %v alone", s.Join, want)
	}
}

func TestLoad_AVariableReplacesAList(t *testing.T) {
	s := DefaultServer()
	file := "join: [a:1, b:2]\nbootstrap_expect: 3\n"
	if err := Load(&s, source(t, file, map[string]string{"HEADRACE_JOIN": "c:3,d:4"})); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c:3", "d:4"}; !slices.Equal(s.Join, want) {
		t.Errorf("join %v, want %v", s.Join, want)
	}
}

func TestLoad_AMissingFileIsFineUnlessItWasNamed(t *testing.T) {
	from := source(t, "", nil)
	from.Path = filepath.Join(t.TempDir(), "none.yaml")
	from.Required = false
	s := DefaultServer()
	if err := Load(&s, from); err != nil {
		t.Fatal(err)
	}
	from.Required = true
	if err := Load(&s, from); !errs.Is(err, errs.Invalid) {
		t.Errorf("error %v, want Invalid", err)
	}
}

func TestLoad_NamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name, file string
		variables  map[string]string
		flags      []string
		says       []string
	}{
		{name: "unknown key", file: "data_dri: /x\n", says: []string{"line 1", `no setting "data_dri"`}},
		{name: "unknown key inside", file: "tls:\n  ca: /x\n", says: []string{"line 2", `no setting "ca"`}},
		{name: "wrong kind", file: "bootstrap_expect: many\n", says: []string{"line 1", "many"}},
		{
			name:      "variable",
			variables: map[string]string{"HEADRACE_LEASE": "soon"},
			says:      []string{"HEADRACE_LEASE", "soon"},
		},
		{
			name:  "alone and with others",
			flags: []string{"--bootstrap-expect=1", "--join=a:1"},
			says:  []string{"bootstrap_expect", "join", "0 enters"},
		},
		{name: "log store", flags: []string{"--log-store=paper"}, says: []string{"log_store", "paper", "wal or bolt"}},
		{name: "alone", flags: []string{"--bootstrap-expect=3"}, says: []string{"join"}},
		{name: "address", flags: []string{"--grpc-address=7401"}, says: []string{"grpc_address", "host:port"}},
		{
			name:  "plain",
			flags: []string{"--raft-address=0.0.0.0:7402"},
			says:  []string{"raft_address", "0.0.0.0:7402", "tls.ca_file", "--insecure"},
		},
		{
			name:  "anybody from anywhere",
			flags: []string{"--http-address=:7400", "--insecure", "--http-any-signature"},
			says:  []string{"http_any_signature", ":7400"},
		},
		{name: "plain on all", flags: []string{"--http-address=:7400"}, says: []string{"http_address", "--insecure"}},
		{name: "half of TLS", flags: []string{"--tls-ca-file=/x"}, says: []string{"tls.cert_file"}},
		{
			name:  "quota",
			flags: []string{"--account-vcpu-quota=-1"},
			says:  []string{"account_vcpu_quota", "-1", "no quota"},
		},
		{name: "lease", flags: []string{"--lease=1ms"}, says: []string{"lease", "1ms", "1s"}},
		{name: "history", file: "history_after: 59s\n", says: []string{"history_after", "59s", "at least 1m0s"}},
		{name: "level", flags: []string{"--log-level=loud"}, says: []string{"log_level", "loud"}},
		{name: "format", flags: []string{"--log-format=xml"}, says: []string{"log_format", "xml", "text or json"}},
		{
			name:  "keyring",
			flags: []string{"--keyring-file="},
			says:  []string{"keyring_file", "headrace keyring create"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := DefaultServer()
			err := Load(&s, source(t, c.file, c.variables, c.flags...))
			if !errs.Is(err, errs.Invalid) {
				t.Fatalf("error %v, want Invalid", err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestServer_PlainBeyondThisMachineWhenAskedForOrSecured(t *testing.T) {
	for _, flags := range [][]string{{"--insecure"}, {"--tls-ca-file=a", "--tls-cert-file=b", "--tls-key-file=c"}} {
		s := DefaultServer()
		if err := Load(&s, source(t, "", nil, append(flags, "--grpc-address=0.0.0.0:7401")...)); err != nil {
			t.Errorf("%v: %v", flags, err)
		}
	}
}

func TestAgent_ReadsAmounts(t *testing.T) {
	a := DefaultAgent()
	file := "zone: a\ncapacity: {cpu: 0.5, memory: 1500MB, disk: 2TB}\n"
	if err := decode(&a, "agent.yaml", []byte(file)); err != nil {
		t.Fatal(err)
	}
	if want := (Capacity{CPU: 500, Memory: 1500, Disk: 2 << 20}); a.Capacity != want {
		t.Errorf("capacity %+v, want %+v", a.Capacity, want)
	}
	written, err := yaml.Marshal(&a)
	if err != nil {
		t.Fatal(err)
	}
	again := DefaultAgent()
	if err := decode(&again, "agent.yaml", written); err != nil {
		t.Fatal(err)
	}
	if again.Capacity != a.Capacity || again.Zone != "a" {
		t.Errorf("written and read again: %+v", again)
	}
}

func TestAgent_NamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		change func(*Agent)
		field  string
	}{
		{func(a *Agent) { a.Zone = "" }, "zone"},
		{func(a *Agent) { a.Host = "" }, "host"},
		{func(a *Agent) { a.Servers = nil }, "servers"},
		{func(a *Agent) { a.Servers = []string{"10.0.0.1:7401"} }, "servers"},
		{func(a *Agent) { a.DiskFullPercent = 101 }, "disk_full_percent"},
		{func(a *Agent) { a.LeaveLease = -1 }, "leave_lease"},
		{func(a *Agent) { a.LogFormat = "xml" }, "log_format"},
		{func(a *Agent) { a.TLS.CAFile = "x" }, "tls.cert_file"},
	} {
		a := DefaultAgent()
		a.Zone = "a"
		if err := a.Validate(); err != nil {
			t.Fatal(err)
		}
		c.change(&a)
		if err := a.Validate(); err == nil || !strings.HasPrefix(err.Error(), c.field+": ") {
			t.Errorf("error %v, want one about %s", err, c.field)
		}
	}
}
