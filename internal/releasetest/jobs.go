package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The same job for both: see testdata.
var (
	//go:embed testdata/Grow.java
	growJava []byte
	//go:embed testdata/grow.py
	growPython []byte
)

// jobs is the directory of the programs that run.
type jobs struct{ dir string }

func makeJobs() (jobs, error) {
	dir, err := os.MkdirTemp("", "headrace-jobs-")
	if err != nil {
		return jobs{}, err
	}
	j := jobs{dir: dir}
	return j, errors.Join(
		os.Chmod(dir, 0o755),
		os.WriteFile(j.path("Grow.java"), growJava, 0o644),
		os.WriteFile(j.python(), growPython, 0o644),
	)
}

func (j jobs) path(parts ...string) string {
	return filepath.Join(append([]string{j.dir}, parts...)...)
}

func (j jobs) python() string { return j.path("grow.py") }

func (j jobs) remove() { _ = os.RemoveAll(j.dir) }

// jar compiles the job against a distribution, as its users do, and returns the JAR.
func (j jobs) jar(ctx context.Context, label, sparkHome string) (string, error) {
	classes := j.path(label)
	jar := j.path("grow-" + label + ".jar")
	for _, command := range [][]string{
		{"javac", "--release", "17", "-cp", filepath.Join(sparkHome, "jars", "*"), "-d", classes, j.path("Grow.java")},
		{"jar", "cf", jar, "-C", classes, "."},
	} {
		if out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("cannot make the JAR for %s, which takes a JDK 17 or newer: %w\n%s", label, err, out)
		}
	}
	return jar, nil
}
