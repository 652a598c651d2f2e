package machine

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// program writes a shell script that can be run.
func program(t *testing.T, path, script string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// empty returns a folder of Java runtimes, and takes the machine's own ones out of sight.
func empty(t *testing.T) string {
	t.Helper()
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	return t.TempDir()
}

func majors(javas []Java) (all []int) {
	for _, java := range javas {
		all = append(all, java.Major)
	}
	return all
}

func TestJavas_ReadsTheReleaseFileElseAsks(t *testing.T) {
	folder := empty(t)
	program(t, folder+"/a-11/bin/java", "exit 1")
	if err := os.WriteFile(folder+"/a-11/release", []byte(`JAVA_VERSION="11.0.2"`), 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, folder+"/b-17/bin/java", `echo 'openjdk version "17.0.9" 2023-10-17' >&2`)
	program(t, folder+"/c-8/bin/java", `echo 'java version "1.8.0_402"' >&2`)
	program(t, folder+"/d-broken/bin/java", `echo 'java version "21"'; exit 1`)
	if err := os.MkdirAll(folder+"/e-nothing", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a-11", folder+"/java-11"); err != nil {
		t.Fatal(err)
	}
	all := New(Config{Folders: []string{folder}}).Javas(t.Context())
	if got := majors(all); !slices.Equal(got, []int{11, 17, 8}) || all[1].Dir != folder+"/b-17" {
		t.Errorf("found %v", all)
	}
}

func TestJavas_PrefersTheOneThatTheMachineNames(t *testing.T) {
	folder := empty(t)
	program(t, folder+"/a/bin/java", `echo 'version "11"'`)
	program(t, folder+"/b/bin/java", `echo 'version "17"'`)
	t.Setenv("JAVA_HOME", folder+"/b/")
	if got := majors(New(Config{Folders: []string{folder}}).Javas(t.Context())); !slices.Equal(got, []int{17, 11}) {
		t.Errorf("found %v", got)
	}
}

func TestMachine_AsksOnceUntilTheFileChanges(t *testing.T) {
	folder := empty(t)
	count := folder + "/count"
	script := "echo >>" + count + "\necho 'version \"17\"'"
	java := program(t, folder+"/jvm/a/bin/java", script)
	m := New(Config{Folders: []string{folder + "/jvm"}})
	for range 3 {
		m.Javas(t.Context())
	}
	program(t, java, strings.Replace(script, "17", "21", 1))
	if err := os.Chtimes(java, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	got := majors(m.Javas(t.Context()))
	if said, _ := os.ReadFile(count); !slices.Equal(got, []int{21}) || string(said) != "\n\n" {
		t.Errorf("found %v after %q", got, said)
	}
}

func TestMachine_KillsWhatHangsWithAllThatItStarted(t *testing.T) {
	folder := empty(t)
	pid := folder + "/pid"
	program(t, folder+"/jvm/a/bin/java", "/bin/sleep 600 & echo $! >"+pid+"; wait")
	m := New(Config{Folders: []string{folder + "/jvm"}, Patience: 300 * time.Millisecond})
	for range 2 { // the second time it is not asked
		began := time.Now()
		if got := m.Javas(t.Context()); len(got) != 0 || time.Since(began) > 30*time.Second {
			t.Errorf("found %v after %v", got, time.Since(began))
		}
	}
	said, err := os.ReadFile(pid)
	if err != nil {
		t.Skipf("the machine is so slow that the program did not begin: %v", err)
	}
	number, _ := strconv.Atoi(strings.TrimSpace(string(said)))
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for alive(number) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("what the program started still runs")
		}
	}
}

// alive says whether a process runs: one that ended and was not waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func TestPython_NoticesThatItIsGone(t *testing.T) {
	folder := empty(t)
	real := program(t, folder+"/real/python3.11", "exit 0")
	shim := program(t, folder+"/shims/python3", "echo 3.11.7; echo "+real+"; echo /venv; echo /base")
	m := New(Config{})
	if got, ok := m.Python(t.Context(), shim); !ok ||
		got != (Python{Version: "3.11.7", Program: real, Prefix: "/venv", Base: "/base"}) {
		t.Errorf("got %v, %v", got, ok)
	}
	if err := os.Remove(real); err != nil {
		t.Fatal(err)
	}
	if got, ok := m.Python(t.Context(), shim); ok {
		t.Errorf("got %v", got)
	}
	if got, ok := m.Python(t.Context(), "no-such-python"); ok {
		t.Errorf("got %v", got)
	}
}
