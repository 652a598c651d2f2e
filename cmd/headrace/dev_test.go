package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headrace/headrace/cmd/headrace/cli"
	"github.com/headrace/headrace/cmd/headrace/dev"
)

// TestMain is also the binary: a cluster that a test starts runs it as server, agent and shim.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		main()
	}
	os.Exit(m.Run())
}

// testCluster runs body on a real cluster of real processes, which is stopped after it.
func testCluster(t *testing.T, body func(variables map[string]string, dataDir string)) string {
	t.Helper()
	var out bytes.Buffer
	flags := &devFlags{data: t.TempDir(), cache: t.TempDir(), basePort: dev.FreeBase(27400), isolation: "auto"}
	config, err := flags.config(t.Context(), cli.Env{Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	config.OnReady = func(context.Context) error {
		body(map[string]string{"HEADRACE_SERVER": strings.Join(config.Servers(), ",")}, config.DataDir)
		return nil
	}
	if err := dev.Run(t.Context(), t.Context(), config); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		logs, _ := filepath.Glob(filepath.Join(config.DataDir, "logs", "*.log"))
		for _, log := range logs {
			content, _ := os.ReadFile(log)
			t.Logf("%s:\n%s", filepath.Base(log), content)
		}
	}
	return out.String()
}

// must runs a command that has to succeed.
func must(t *testing.T, variables map[string]string, args ...string) string {
	t.Helper()
	out, err := runCommand(t, variables, args...)
	if err != nil {
		t.Errorf("headrace %v: %v\n%s", args, err, out)
	}
	return out
}

// killLeader kills the server that leads.
func killLeader(t *testing.T, variables map[string]string, dataDir string) {
	t.Helper()
	var status struct {
		Servers []struct {
			ServerID string `json:"server_id"`
			Leader   bool   `json:"leader"`
		} `json:"servers"`
	}
	if err := json.Unmarshal([]byte(must(t, variables, "cluster", "status", "-o", "json")), &status); err != nil {
		t.Fatal(err)
	}
	for _, server := range status.Servers {
		if server.Leader {
			pid := dev.PID("server", filepath.Join(dataDir, "config", server.ServerID+".yaml"))
			if pid == 0 { // a signal to 0 would reach this test itself
				t.Fatalf("there is no process of %s", server.ServerID)
			}
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Errorf("cannot kill %s: %v", server.ServerID, err)
			}
			return
		}
	}
	t.Error("no server leads")
}

// openedByReader opens a pipe once somebody else reads it.
func openedByReader(t *testing.T, pipe string) *os.File {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			return f
		}
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("nobody reads: %v", err)
		}
	}
}

// A run whose leader is killed while it runs ends SUCCESS, its log is read, and a stopped cluster leaves nothing
// behind.
func TestDev_RunOutlivesItsLeader(t *testing.T) {
	said := testCluster(t, func(variables map[string]string, dataDir string) {
		var created struct {
			Application struct {
				ID string `json:"application_id"`
			} `json:"application"`
		}
		if err := json.Unmarshal(
			[]byte(must(t, variables, "application", "create", "--engine", "process", "-o", "json")),
			&created); err != nil {
			t.Fatal(err)
		}
		gate := filepath.Join(dataDir, "shared", "gate") // where workers see it
		if err := errors.Join(syscall.Mkfifo(gate, 0o600), os.Chmod(gate, 0o660)); err != nil {
			t.Fatal(err)
		}
		var started struct {
			Run struct {
				ID string `json:"job_run_id"`
			} `json:"job_run"`
		}
		if err := json.Unmarshal(
			[]byte(must(t, variables, "job-run", "start", created.Application.ID, "-o", "json", "--tasks", "2",
				"--task-command", "/usr/bin/tail -f /dev/null",
				"--command", "--", "/bin/sh", "-c", "read word < "+gate+"; echo $word")), &started); err != nil {
			t.Fatal(err)
		}
		driver := openedByReader(t, gate)
		killLeader(t, variables, dataDir)
		if _, err := driver.WriteString("survived\n"); err != nil {
			t.Error(err)
		}
		_ = driver.Close()
		must(t, variables, "job-run", "wait", created.Application.ID, started.Run.ID)
		if log := must(t, variables, "job-run", "logs", created.Application.ID, started.Run.ID); log != "survived\n" {
			t.Errorf("log %q", log)
		}
	})
	for _, part := range []string{"6 nodes", "died (signal: killed)", "nothing is left behind"} {
		if !strings.Contains(said, part) {
			t.Errorf("dev did not say %q:\n%s", part, said)
		}
	}
}
