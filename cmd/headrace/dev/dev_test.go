package dev

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/headrace/headrace/cmd/headrace/config"
	"github.com/headrace/headrace/internal/errs"
)

// lines is an output that tests read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// until waits for a condition.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	limit := time.NewTimer(20 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !met() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("still waiting for: %s", what)
		}
	}
}

// testConfig is a cluster of fake children, ready once each of them started.
func testConfig(t *testing.T) (Config, *lines) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out := &lines{}
	c := DefaultConfig()
	c.DataDir = dir
	c.ReleaseCache = filepath.Join(dir, "releases")
	c.Executable = os.Args[0]
	c.Out = out
	c.BasePort = FreeBase(17400)
	c.RestartFirst = time.Millisecond
	c.Ready = func(_ context.Context, _ []string, nodes int) (string, error) {
		until(t, "all children to start", func() bool { return len(c.started()) == servers+nodes })
		return "server-1", nil
	}
	t.Cleanup(func() {
		if left := leftover(dir); len(left) > 0 {
			t.Errorf("processes %v are left", left)
			_, _ = clean(dir)
		}
	})
	return c, out
}

// started returns the names of the children that started at least once.
func (c Config) started() []string {
	var names []string
	logs, _ := filepath.Glob(c.path("logs", "*.log"))
	for _, log := range logs {
		if content, err := os.ReadFile(log); err == nil && bytes.Contains(content, []byte("started")) {
			names = append(names, strings.TrimSuffix(filepath.Base(log), ".log"))
		}
	}
	return names
}

// once ends Run when the cluster is ready.
func once(context.Context) error { return nil }

// sign writes a sign that changes a child's ways.
func (c Config) sign(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(c.path("config"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.path("config", name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRun_StopsAgentsBeforeServersAndLeavesNothing(t *testing.T) {
	c, out := testConfig(t)
	ctx, interrupt := context.WithCancel(t.Context())
	c.OnReady = func(ctx context.Context) error {
		interrupt()
		<-ctx.Done()
		return nil
	}
	if err := Run(ctx, t.Context(), c); err != nil {
		t.Fatal(err)
	}
	stopped, err := os.ReadFile(c.path("stopped"))
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(slices.Repeat([]string{"agent"}, 6), slices.Repeat([]string{"server"}, 3))
	if got := strings.Fields(string(stopped)); !slices.Equal(got, want) {
		t.Errorf("stopped %v, want %v", got, want)
	}
	for _, part := range []string{
		"ready", "server-1 leads, 6 nodes", "16 vCPU, 64 GB, 400 GB",
		"more than this machine has", "nothing is left behind",
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("output lacks %q:\n%s", part, out)
		}
	}
}

func TestRun_StartsAChildAgainThatDied(t *testing.T) {
	c, out := testConfig(t)
	c.sign(t, "server-2.yaml.dies")
	c.OnReady = once
	if err := Run(t.Context(), t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if want := "server-2 died (exit status 3): starts again in 1ms"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out)
	}
	if !slices.Contains(c.started(), "server-2") {
		t.Error("server-2 never started")
	}
}

func TestRun_SecondSignalKillsTheDeaf(t *testing.T) {
	c, out := testConfig(t)
	c.sign(t, "zone-b-1.yaml.deaf")
	killed, kill := context.WithCancel(t.Context())
	ctx, interrupt := context.WithCancel(t.Context())
	c.OnReady = func(context.Context) error {
		interrupt()
		kill()
		return nil
	}
	if err := Run(ctx, killed, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "killed ") {
		t.Errorf("output does not say that shims were killed:\n%s", out)
	}
	if strings.Contains(out.String(), "starts again") {
		t.Errorf("a child that was killed on purpose was started again:\n%s", out)
	}
}

func TestRun_KillsAChildThatDoesNotStopInTime(t *testing.T) {
	c, _ := testConfig(t)
	c.sign(t, "server-3.yaml.deaf")
	c.StopPatience = 50 * time.Millisecond
	c.OnReady = once
	if err := Run(t.Context(), t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func TestRun_EndsWhatAnEarlierOneLeftAndNothingElse(t *testing.T) {
	c, out := testConfig(t)
	shim := spawn("shim", c.path("zone-a-1", "workers", "w1"))
	bystander := spawn("bystander", c.path("notes.txt"))
	gone := make(chan error, 1)
	go func() { gone <- shim.Wait() }()
	until(t, "the shim to be seen", func() bool { return slices.Contains(leftover(c.DataDir), shim.Process.Pid) })
	socket, err := net.Listen("unix", c.path("agent.sock"))
	if err != nil {
		t.Fatal(err)
	}
	socket.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = socket.Close()
	c.OnReady = once
	if err := Run(t.Context(), t.Context(), c); err != nil {
		t.Fatal(err)
	}
	<-gone
	if want := "ended 1 process that an earlier headrace dev left behind"; !strings.Contains(out.String(), want) {
		t.Errorf("output lacks %q:\n%s", want, out)
	}
	if _, err := os.Stat(c.path("agent.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
	if _, alive := readProcess("/proc/" + strconv.Itoa(bystander.Process.Pid)); !alive {
		t.Error("a process that only names the directory was ended")
	}
	_ = bystander.Process.Kill()
	_ = bystander.Wait()
}

func TestRun_OneForADataDirectory(t *testing.T) {
	c, _ := testConfig(t)
	release, err := c.lock()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := os.MkdirAll(c.path("config"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), t.Context(), c); !errs.Is(err, errs.WrongState) ||
		!strings.Contains(err.Error(), c.DataDir) {
		t.Errorf("error %v, want one that names the directory", err)
	}
}

func TestRun_NamesThePortThatIsUsed(t *testing.T) {
	c, _ := testConfig(t)
	taken, err := net.Listen("tcp", c.address(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	if err := Run(t.Context(), t.Context(), c); err == nil || !strings.Contains(err.Error(), c.address(1, 2)) {
		t.Errorf("error %v, want one that names %s", err, c.address(1, 2))
	}
	if FreeBase(c.BasePort) == c.BasePort {
		t.Error("FreeBase returns ports that are used")
	}
}

func TestRun_SaysWhyItIsNotReady(t *testing.T) {
	c, _ := testConfig(t)
	c.Ready = func(context.Context, []string, int) (string, error) {
		return "", errs.New(errs.Unavailable, "no leader")
	}
	if err := Run(t.Context(), t.Context(), c); !errs.Is(err, errs.Unavailable) {
		t.Errorf("error %v, want the reason", err)
	}
}

func TestRun_AProgramThatCannotStartEndsAll(t *testing.T) {
	c, _ := testConfig(t)
	c.Executable = c.path("none")
	c.Ready = func(ctx context.Context, _ []string, _ int) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	if err := Run(t.Context(), t.Context(), c); err == nil || !strings.Contains(err.Error(), "cannot start") {
		t.Errorf("error %v, want that children cannot start", err)
	}
}

func TestPlan_SettingsAreOnesThatServersAndAgentsTake(t *testing.T) {
	c, _ := testConfig(t)
	if err := os.MkdirAll(c.path("config"), 0o700); err != nil {
		t.Fatal(err)
	}
	serving, agents, err := c.plan()
	if err != nil {
		t.Fatal(err)
	}
	load := func(settings config.Settings, one *child) {
		given := pflag.NewFlagSet("", pflag.ContinueOnError)
		if err := config.Load(settings, config.Source{
			Path:     one.args[2],
			Required: true,
			Given:    given,
			Lookup:   func(string) (string, bool) { return "", false },
		}); err != nil {
			t.Errorf("%s: %v", one.name, err)
		}
	}
	for _, one := range serving {
		load(&config.Server{}, one)
	}
	offered := map[string]config.Capacity{}
	for _, one := range agents {
		a := config.Agent{}
		load(&a, one)
		sum := offered[a.Zone]
		offered[a.Zone] = config.Capacity{
			CPU:    sum.CPU + a.Capacity.CPU,
			Memory: sum.Memory + a.Capacity.Memory,
			Disk:   sum.Disk + a.Capacity.Disk,
		}
	}
	for _, zone := range Zones() {
		if got := offered[zone]; got.CPU < 16000 || got.Memory < 64<<10 || got.Disk < 400<<10 {
			t.Errorf("zone %s offers %+v", zone, got)
		}
	}
}

// Spark tells hosts by their addresses: speculation, locality and exclusion act between nodes of different ones only.
func TestA16_EachNodeHasAnAddressOfItsOwn(t *testing.T) {
	if nodeHost(0) == host {
		t.Skip("this machine's loopback has one address")
	}
	c, _ := testConfig(t)
	seen := map[string]string{host: "servers"}
	node := 0
	for _, zone := range Zones() {
		for i := range agentsPerZone {
			a := c.agent(zone, i, node)
			node++
			if ip := net.ParseIP(a.Host); ip == nil || !ip.IsLoopback() {
				t.Errorf("%s has the address %s, want one of loopback", a.NodeName, a.Host)
			}
			if other := seen[a.Host]; other != "" {
				t.Errorf("%s and %s both have the address %s", a.NodeName, other, a.Host)
			}
			seen[a.Host] = a.NodeName
		}
	}
}

func TestKeyring_IsMadeOnceForItsOwnerOnly(t *testing.T) {
	c, _ := testConfig(t)
	var first []byte
	for range 2 {
		if err := c.makeKeyring(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(c.path("keyring"))
		if err != nil || len(content) == 0 || first != nil && !bytes.Equal(first, content) {
			t.Errorf("keyring %q after %q, error %v", content, first, err)
		}
		first = content
	}
	if info, err := os.Stat(c.path("keyring")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
}
