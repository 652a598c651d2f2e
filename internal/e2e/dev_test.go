package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// One Ctrl-C stops headrace dev with all that runs in it; what a killed one left behind, the next one cleans up.
func TestDev_LeavesNothingBehind(t *testing.T) {
	dir := newDir(t)
	base := newBase()
	d := &process{
		t:    t,
		name: "dev",
		log:  dir + ".log",
		args: []string{"dev", "--data", dir, "--base-port", strconv.Itoa(base)},
	}
	t.Cleanup(func() { os.Remove(d.log) })
	t.Cleanup(func() {
		if d.running() {
			d.kill()
		}
		nothingLeft(t, dir)
	})

	startDev(t, d, dir, base)
	if code := d.end(syscall.SIGINT); code != 0 && code != 130 {
		t.Errorf("headrace dev ended with %d", code)
	}
	nothingLeft(t, dir)

	startDev(t, d, dir, base)
	left := crash(d, dir)
	d.start()
	eventually(t, time.Minute, "what was left behind is gone", func() error {
		for _, old := range left {
			for _, now := range procs(func(p proc) bool { return p.pid == old.pid && p.names(dir) }) {
				return fmt.Errorf("left: %v", now)
			}
		}
		return nil
	})
	readyDev(t, base)
	if code := d.end(syscall.SIGINT); code != 0 && code != 130 {
		t.Errorf("headrace dev ended with %d", code)
	}
	nothingLeft(t, dir)
	if t.Failed() {
		log, _ := os.ReadFile(d.log)
		t.Logf("headrace dev said:\n%s", log)
	}
}

// crash kills headrace dev with its servers and agents, none of which can tidy up, and returns what is left: shims and
// workers.
func crash(d *process, dir string) []proc {
	d.t.Helper()
	d.signal(syscall.SIGSTOP)
	children := func(p proc) bool { return p.args[0] == binary && !p.shim() && p.worksIn(dir) }
	for _, p := range procs(children) {
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
	}
	d.kill()
	eventually(d.t, 10*time.Second, "servers and agents are dead", func() error {
		if left := procs(children); len(left) > 0 {
			return fmt.Errorf("left: %v", left)
		}
		return nil
	})
	left := procs(func(p proc) bool { return p.names(dir) })
	if len(left) == 0 {
		d.t.Error("no process is left behind: there is nothing to clean up")
	}
	return left
}

func readyDev(t *testing.T, base int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := newClient(t, addresses(base, 1)).WaitReady(ctx, 6); err != nil {
		t.Fatal(err)
	}
}

// startDev starts headrace dev and a program with tasks in it, which run on.
func startDev(t *testing.T, d *process, dir string, base int) {
	t.Helper()
	d.start()
	readyDev(t, base)
	servers := strings.Join(addresses(base, 1), ",")
	var created struct {
		Application struct {
			ID string `json:"application_id"`
		} `json:"application"`
	}
	said := command(t, servers, "application", "create", "--engine", "process", "-o", "json")
	if err := json.Unmarshal([]byte(said), &created); err != nil {
		t.Fatal(err)
	}
	var started struct {
		Run struct {
			ID string `json:"job_run_id"`
		} `json:"job_run"`
	}
	said = command(t, servers, "job-run", "start", created.Application.ID, "-o", "json", "--tasks", "2",
		"--driver-cpu", "0.5", "--task-cpu", "0.5", "--command", "--", "/usr/bin/tail", "-f", "/dev/null")
	if err := json.Unmarshal([]byte(said), &started); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "three programs run", func() error {
		running := procs(func(p proc) bool {
			return p.args[0] == "/usr/bin/tail" && bytes.Contains(p.env, []byte("HEADRACE_JOB_RUN_ID="+started.Run.ID))
		})
		if len(running) < 3 {
			return fmt.Errorf("only %v", running)
		}
		return nil
	})
}
