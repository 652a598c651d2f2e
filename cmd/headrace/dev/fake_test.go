package dev

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain is also the program of all children: the test binary runs as a small server, agent, shim or bystander.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		os.Exit(m.Run())
	}
	os.Exit(play(os.Args[1], os.Args[2:]))
}

// play is a child. What it finds beside its settings changes its ways: NAME.yaml.dies makes it die once, NAME.yaml.deaf
// makes it ignore SIGTERM.
func play(role string, args []string) int {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM)
	file := args[len(args)-1]
	if os.Remove(file+".dies") == nil {
		return 3
	}
	_, err := os.Stat(file + ".deaf")
	deaf := err == nil
	held := (*exec.Cmd)(nil)
	if role == "agent" {
		held = spawn("shim", filepath.Join(filepath.Dir(filepath.Dir(file)), "workers", filepath.Base(file)))
	}
	fmt.Println("started")
	for range signals {
		if !deaf {
			break
		}
	}
	if held != nil {
		_ = held.Process.Kill()
		_ = held.Wait()
	}
	note(file, role)
	return 0
}

// note adds the role to the list of those that stopped, in order.
func note(file, role string) {
	list, err := os.OpenFile(filepath.Join(filepath.Dir(filepath.Dir(file)), "stopped"),
		os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, _ = fmt.Fprintln(list, role)
		_ = list.Close()
	}
}

// spawn starts a child in a session of its own, as an agent starts shims.
func spawn(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	return cmd
}
