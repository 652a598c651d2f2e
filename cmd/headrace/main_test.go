package main

import (
	"bytes"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime/sandbox"
	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/storage"
)

// runCommand runs a command with variables and returns what it wrote.
func runCommand(t *testing.T, variables map[string]string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	env := cli.Env{Out: &out, Err: &out, Now: time.Now, Lookup: func(name string) (string, bool) {
		value, found := variables[name]
		return value, found
	}}
	root := rootCommand(env)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRoot_HelpOfEveryCommandNamesIt(t *testing.T) {
	for _, line := range []string{
		"", "server", "agent", "dev", "demo", "keyring create", "application create",
		"application get", "application list",
		"application start", "application stop", "application delete", "job-run start", "job-run get", "job-run list",
		"job-run cancel", "job-run logs",
		"job-run wait", "job-run explain", "node list", "node get", "node approve", "node forget", "cluster status",
		"release list", "release fetch", "release add", "events",
		"completion bash", "access-key create", "access-key list", "access-key revoke",
	} {
		out, err := runCommand(t, nil, append(strings.Fields(line), "--help")...)
		if err != nil || !strings.Contains(out, strings.TrimSpace("headrace "+line)) {
			t.Errorf("headrace %s --help: error %v, output %q", line, err, out)
		}
	}
}

// At the top, and in the groups that need no cluster, it is said what may have been meant, and what is missing.
func TestD4_MistypedAndMissingWordsAreNamedAtTheTop(t *testing.T) {
	for line, want := range map[string]string{
		"applicatoin list":     `there is no command "applicatoin": is "application" meant?`,
		"applicatoin list -x":  `there is no command "applicatoin": is "application" meant?`,
		"aply -f x.yaml":       `there is no command "aply": is "apply" meant?`,
		"something":            `there is no command "something": there are access-key, agent, application, apply`,
		"keyring creat":        `there is no command "creat": is "create" meant?`,
		"keyring create":       "FILE is missing",
		"tls isue":             `there is no command "isue": is "issue" meant?`,
		"tls create-authority": "DIR is missing",
		"version 1":            `"1" is too much`,
		"server x":             `"x" is too much`,
	} {
		out, err := runCommand(t, nil, strings.Fields(line)...)
		if err == nil || !strings.Contains(err.Error(), want) || cli.ExitCode(err) != cli.ExitRefused {
			t.Errorf("headrace %s: error %v, output %q; expected %q", line, err, out, want)
		}
	}
	if out, err := runCommand(t, nil); err != nil || !strings.Contains(out, "Available Commands") {
		t.Errorf("headrace alone: %v, %q", err, out)
	}
}

func TestServerAndAgent_RefuseWrongSettingsBeforeTheyStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.yaml")
	for _, c := range []struct {
		variables map[string]string
		args      string
		says      string
	}{
		{nil, "server --config " + file, "cannot read the configuration"},
		{map[string]string{"HEADRACE_CONFIG": file}, "server", "cannot read the configuration"},
		{nil, "server --grpc-address 0.0.0.0:7401", "--insecure"},
		{map[string]string{"HEADRACE_LOG_STORE": "paper"}, "server", "log_store"},
		{nil, "agent", "zone"},
		{nil, "agent --zone a --worker-user nobody-has-this-name", "worker_user"},
		{nil, "agent --zone a --isolation none --worker-uids 3000000-3000010", "worker_uids"},
		{nil, "agent --zone a --isolation none --worker-group users", "worker_group"},
		{nil, "agent --zone a --isolation none --shared-directories /srv", "shared_directories"},
		{nil, "agent --zone a --isolation none --hidden-directories /srv", "hidden_directories"},
	} {
		if _, err := runCommand(t, c.variables, strings.Fields(c.args)...); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that says %q", c.args, err, c.says)
		}
	}
}

// complete fails for every field that the conversion left out.
func complete(t *testing.T, converted any, without ...string) {
	t.Helper()
	v := reflect.ValueOf(converted)
	left := map[string]bool{}
	for _, name := range without {
		left[name] = true
	}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() != left[name] {
			t.Errorf("%s.%s is %v", v.Type(), name, v.Field(i))
		}
	}
}

func everyObjectStore() storage.Config {
	return storage.Config{
		Endpoint:        "https://s:9000",
		Region:          "r",
		PathStyle:       true,
		CredentialsFile: "k",
		Profile:         "p",
		CAFile:          "c",
	}
}

func TestServerConfig_TakesEverySetting(t *testing.T) {
	s := config.DefaultServer()
	s.ServerID = "s"
	s.Join = []string{"a:1"}
	s.AdvertiseHost = "h"
	s.Insecure = true
	s.ReleaseCache = "/r"
	s.AccountVCPUQuota = 1
	s.TLS = config.TLS{CAFile: "a", CertFile: "b", KeyFile: "c"}
	s.HTTPURL = "https://h:7400"
	s.HTTPAnySignature = true
	s.LogStorage = "s3://logs"
	s.ObjectStore = everyObjectStore()
	s.APIRates = []string{"published"}
	s.SharedDirectories = []string{"/shared"}
	complete(t, serverConfig(s, slog.Default()))
}

func TestAgentConfig_TakesEverySetting(t *testing.T) {
	a := config.DefaultAgent()
	without := []string{"Begun", "Credentials", "Dial", "DialOptions", "Executable", "Releases", "Runtime", "ShipEvery"}
	if _, err := sandbox.Find(); os.Geteuid() == 0 && err == nil {
		a.WorkerUIDs = "3000000-3000010"
		a.WorkerGroup = "3000011"
		a.SharedDirectories = []string{t.TempDir()}
		without = append(without, "NotIsolated", "WorkerUser")
	} else {
		a.Isolation = config.IsolationNone
		a.WorkerUser = myName(t)
		without = append(without, "Sandbox", "WorkerUsers", "WorkerGroup")
	}
	a.NodeName = "n"
	a.Zone = "z"
	a.Labels = map[string]string{"disk": "nvme"}
	a.ShuffleDir = "/fast"
	a.StopWorkersOnExit = true
	a.DataDir = t.TempDir()
	a.Capacity = config.Capacity{CPU: 1, Memory: 2, Disk: 3}
	a.ObjectStore = everyObjectStore()
	c, err := agentConfig(a, slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	complete(t, c, without...)
}

func myName(t *testing.T) string {
	t.Helper()
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return self.Username
}

// With TLS a node has the name that its certificate proves; another one would be refused by every server.
func TestAgentConfig_NamesTheNodeAsItsCertificateDoes(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"create-authority", dir},
		{"issue", "--authority", dir, "--role", "agent", "--name", "node-1", "--out", filepath.Join(dir, "node-1")},
		{"issue", "--authority", dir, "--role", "operator", "--name", "alice", "--out", filepath.Join(dir, "alice")},
	} {
		if _, err := runCommand(t, nil, append([]string{"tls"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	files := func(name string) config.TLS {
		return config.TLS{
			CAFile:   filepath.Join(dir, "ca.pem"),
			CertFile: filepath.Join(dir, name+".pem"),
			KeyFile:  filepath.Join(dir, name+"-key.pem"),
		}
	}
	for _, c := range []struct {
		name string
		tls  config.TLS
		want string
		says string
	}{
		{"", files("node-1"), "node-1", ""},
		{"node-1", files("node-1"), "node-1", ""},
		{"node-2", files("node-1"), "", `is for the node "node-1"`},
		{"", files("alice"), "", "agent.headrace"},
		{"n", config.TLS{}, "n", ""},
	} {
		a := config.DefaultAgent()
		a.NodeName = c.name
		a.Zone = "z"
		a.TLS = c.tls
		a.Isolation = config.IsolationNone
		a.WorkerUser = myName(t)
		made, err := agentConfig(a, slog.Default())
		if made.NodeName != c.want || (err == nil) != (c.says == "") ||
			err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("node_name %q with %s: %q, %v", c.name, c.tls.CertFile, made.NodeName, err)
		}
	}
}

func TestKeyring_IsNeverWrittenOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keyring")
	if _, err := runCommand(t, nil, "keyring", "create", file); err != nil {
		t.Fatal(err)
	}
	if _, err := runCommand(t, nil, "keyring", "create", file); err == nil {
		t.Error("a second keyring was written over the first")
	}
}

func TestD4_VersionIsACommandToo(t *testing.T) {
	command, err := runCommand(t, nil, "version")
	flag, wrong := runCommand(t, nil, "--version")
	if err != nil || wrong != nil || command != flag || !strings.Contains(command, version()) {
		t.Errorf("version says %q (%v), --version %q (%v)", command, err, flag, wrong)
	}
}
