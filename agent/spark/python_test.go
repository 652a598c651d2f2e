package spark

import (
	"archive/zip"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// variable returns a variable of an environment; empty if it is not there.
func variable(environment []string, name string) string {
	for _, line := range environment {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}

// environmentZip returns an archive that has bin/python, executable or not.
func environmentZip(t *testing.T, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "environment.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z, header := zip.NewWriter(f), &zip.FileHeader{Name: "bin/python"}
	header.SetMode(mode)
	w, err := z.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write([]byte("#!/bin/sh\necho from the archive\n"))
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPython_IsWhatTheRunNames(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	own, inArchive, other := e.config.Python, "./environment/bin/python", runnable(t, t.TempDir()+"/python3.10", "")
	archives := "file://" + environmentZip(t, 0o755) + "#environment"
	for name, c := range map[string]struct {
		environment, properties map[string]string
		driver, worker          string
	}{
		"none":           {driver: own},
		"variables":      {map[string]string{driverPython: inArchive, workerPython: other}, nil, inArchive, other},
		"one variable":   {map[string]string{workerPython: inArchive}, nil, inArchive, inArchive},
		"driver only":    {map[string]string{driverPython: inArchive}, nil, inArchive, ""},
		"executors only": {nil, map[string]string{"spark.executorEnv.PYSPARK_PYTHON": "python"}, own, "python"},
		"executors differ": {
			map[string]string{workerPython: other},
			map[string]string{"spark.executorEnv.PYSPARK_PYTHON": inArchive},
			other, inArchive,
		},
		"property": {
			map[string]string{driverPython: "/no/such", workerPython: "/no/such"},
			map[string]string{"spark.pyspark.python": other},
			other, other,
		},
		"both properties": {
			nil,
			map[string]string{"spark.pyspark.python": other, "spark.pyspark.driver.python": inArchive},
			inArchive, other,
		},
	} {
		t.Run(name, func(t *testing.T) {
			properties := map[string]string{"spark.archives": archives}
			for key, value := range c.properties {
				properties[key] = value
			}
			command, err := e.Prepare(t.Context(), driverOf(t, c.environment, properties), homeIn(t, filepath.Join(dir, name)))
			if err != nil || variable(command.Env, driverPython) != c.driver || variable(command.Env, workerPython) != c.worker {
				t.Errorf("driver %q, workers %q, %v", variable(command.Env, driverPython), variable(command.Env, workerPython), err)
			}
		})
	}
}

func TestPython_ThatIsMissingIsNamed(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	archives := map[string]string{"spark.archives": environmentZip(t, 0o644) + "#environment"}
	for named, c := range map[string]struct {
		reason agentv1.ExitReason
		want   string
	}{
		"./env/bin/python":          {agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "it holds environment"},
		"environment/bin/python":    {agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "PYSPARK_PYTHON"},
		"/usr/local/bin/python3.99": {agentv1.ExitReason_EXIT_REASON_START_REFUSED, "it has " + e.config.Python + " 3.11.7"},
	} {
		reason, message := refusal(t, e, driverOf(t, map[string]string{workerPython: named}, archives), dir)
		if reason != c.reason || !strings.Contains(message, named) || !strings.Contains(message, c.want) {
			t.Errorf("%s: %s, %s", named, reason, message)
		}
	}
}

// A worker finds the node's Python whatever the PATH of machine or run has in front.
func TestPython_OfTheNodeIsFoundByItsUsualNames(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	command, err := e.Prepare(t.Context(), driverOf(t, map[string]string{"PATH": "/nowhere"}, nil), homeIn(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	folder, rest, _ := strings.Cut(variable(command.Env, "PATH"), ":")
	for _, name := range []string{"python", "python3"} {
		said, err := exec.Command(filepath.Join(folder, name)).Output()
		if !strings.HasPrefix(string(said), "3.11.7\n") || rest != "/nowhere" {
			t.Errorf("%s in %s said %q, %v", name, folder, said, err)
		}
	}
}

func TestExecutor_HasThePythonThatItsDriverHas(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	path := t.TempDir()
	runnable(t, path+"/python3.10", pythonSays("3.10.2", path+"/python3.10"))
	t.Setenv("PATH", path)
	for driver, want := range map[string]string{"3.11.2": "3.11.7\n", "3.10.9": "3.10.2\n", "": "3.11.7\n"} {
		w := executorOf(nil, map[string]string{versionSetting: driver})
		command, err := e.Prepare(t.Context(), w, homeIn(t, filepath.Join(dir, "of-"+driver)))
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(variable(command.Env, "PATH"), ":")
		if said, err := exec.Command(filepath.Join(folder, "python3")).Output(); !strings.HasPrefix(string(said), want) {
			t.Errorf("driver %s: the executor has %q, %v", driver, said, err)
		}
	}
	reason, message := refusal(t, e, executorOf(nil, map[string]string{versionSetting: "3.9.1"}), dir)
	if reason != agentv1.ExitReason_EXIT_REASON_START_REFUSED || !strings.Contains(message, "3.9.1") ||
		!strings.Contains(message, "3.11.7") {
		t.Errorf("%s: %s", reason, message)
	}
	// A driver says its version; it names no program.
	for _, said := range []string{"/../../x.1", "3.10/../x", "3", "3.10.2 ", "-c.1"} {
		w := executorOf(nil, map[string]string{versionSetting: said})
		if _, message := refusal(t, e, w, dir); !strings.Contains(message, "no version") {
			t.Errorf("%q: %s", said, message)
		}
	}
}

// Spark neither copies nor unpacks an archive that is on every node.
func TestExecutor_UnpacksArchivesThatAreOnEveryNode(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	archive := "local://" + environmentZip(t, 0o755) + "#environment"
	command, err := e.Prepare(t.Context(), executorOf(nil, map[string]string{archivesSetting: archive}), homeIn(t, dir))
	if err != nil || command.Sources["environment"] == "" {
		t.Fatalf("%v, %v", command.Sources, err)
	}
	if _, err := os.Stat(filepath.Join(workIn(dir), "environment", "bin", "python")); err != nil {
		t.Error(err)
	}
	reason, message := refusal(t, e, executorOf(nil, map[string]string{archivesSetting: "local:///no/such.zip#x"}), dir)
	if reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND || !strings.Contains(message, "local:///no/such.zip") {
		t.Errorf("%s: %s", reason, message)
	}
}
