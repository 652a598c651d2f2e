package spark

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/headrace/headrace/agent/runtime"
)

// TestMain is the shim that holds an errand, or the tests, by its first argument.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(runtime.ShimMain(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// runtimeIn returns a runtime without sandboxes in a directory.
func runtimeIn(t testing.TB, dir string) *runtime.Runtime {
	t.Helper()
	config := runtime.DefaultConfig()
	config.DataDir, config.Cgroup = dir, ""
	held, err := runtime.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Close)
	return held
}

// homeIn makes a new home of a worker in a directory.
func homeIn(t testing.TB, dir string) *runtime.Home {
	t.Helper()
	home, err := runtimeIn(t, dir).MakeHome("w", runtime.HomeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(home.Close)
	return home
}

// workIn returns the working directory of the home that homeIn made.
func workIn(dir string) string { return filepath.Join(dir, "homes", "w", "work") }
