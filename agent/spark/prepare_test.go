package spark

import (
	"archive/zip"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/release"
	"github.com/headrace/headrace/agent/release/machine"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// fake returns an engine on a release without Spark and a Python of some version, and a worker's directory.
func fake(t *testing.T, python string) (*Engine, string) {
	t.Helper()
	root, dir := t.TempDir(), t.TempDir()
	home := filepath.Join(root, label)
	if err := os.MkdirAll(filepath.Join(home, "java", "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(home, "release.json"),
		`{"label":"emr-7.2.0","engine":"spark","engine_version":"3.5.1","spark_home":"spark","java_home":"java"}`)
	program := filepath.Join(dir, "python3")
	runnable(t, program, pythonSays(python, program))
	store := release.NewStore(release.StoreConfig{Roots: []string{root}})
	e := New(Config{
		Store: store, Host: "10.0.0.5", Python: program, Programs: runtimeIn(t, t.TempDir()),
		Machine: machine.New(machine.Config{Folders: []string{filepath.Join(dir, "jvm")}}),
	})
	t.Cleanup(func() { _ = e.Close() })
	return e, filepath.Join(dir, "worker")
}

// pythonSays is the script of a Python of some version.
func pythonSays(version, program string) string {
	return "echo " + version + "; echo " + program + "; echo /usr; echo /usr"
}

// runnable writes a shell script that can be run.
func runnable(t *testing.T, path, script string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// script returns the path of a Python file that exists.
func script(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "job.py")
	write(t, path, "print(1)")
	return path
}

func TestPrepare_KeepsTheSecretOutOfCommandLines(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	driver := assignment(script(t), nil)
	executor := &agentv1.AssignedWorker{
		WorkerId: "e", Number: 7, ReleaseLabel: label, Secret: driver.GetSecret(),
		Program: &agentv1.AssignedWorker_SparkExecutor{SparkExecutor: &agentv1.SparkExecutor{
			HeapMib: 512, Cores: 2,
			Launch: &agentv1.ExecutorLaunch{
				DriverUrl: "spark://CoarseGrainedScheduler@h:1", SparkApplicationId: "run-1",
				Properties: map[string]string{"spark.network.crypto.enabled": "true"},
			},
		}},
	}
	secret := hex.EncodeToString(driver.GetSecret())
	for _, w := range []*agentv1.AssignedWorker{driver, executor} {
		command, err := e.Prepare(t.Context(), w, homeIn(t, filepath.Join(dir, w.GetWorkerId())))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(command.Args, " "), secret) {
			t.Errorf("%s: the secret is on the command line", w.GetWorkerId())
		}
		if w == executor && (!slices.Contains(command.Env, "_SPARK_AUTH_SECRET="+secret) ||
			!slices.Contains(command.Args, "-Dspark.network.crypto.enabled=true") || !slices.Contains(command.Args, "7")) {
			t.Errorf("the executor lacks secret, settings or number: %v %v", command.Env, command.Args)
		}
	}
	info, err := os.Stat(filepath.Join(workIn(filepath.Join(dir, "driver-1")), ownFolder, "spark.properties"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the properties file: %v, %v", info.Mode(), err)
	}
}

func TestPrepare_EnforcesThePlatformsProperties(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	w := assignment(script(t), map[string]string{
		"spark.master": "local", "spark.authenticate": "false", "spark.driver.host": "evil",
		"spark.network.crypto.enabled": "false",
		"spark.app.name":               "  two\nlines \\ end",
	})
	if _, err := e.Prepare(t.Context(), w, homeIn(t, dir)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(workIn(dir), ownFolder, "spark.properties"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"spark.master=" + master, "spark.authenticate=true", "spark.driver.host=10.0.0.5",
		"spark.driver.bindAddress=0.0.0.0", "spark.network.crypto.enabled=false", `spark.app.name=\  two\nlines \\ end`,
		"spark.headrace.applicationId=run-1",
	} {
		if !strings.Contains(string(content), line+"\n") {
			t.Errorf("%q is missing in\n%s", line, content)
		}
	}
}

func TestPrepare_NamesWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		entry, jars, python, want string
		reason                    agentv1.ExitReason
	}{
		"entry point": {
			entry: "file:///no/such/job.py", want: "file:///no/such/job.py",
			reason: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		},
		"object store": {
			entry: "s3://bucket/job.py", want: "s3://bucket/job.py",
			reason: agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED,
		},
		"example": {
			entry: "local:///usr/lib/spark/examples/jars/none.jar", want: "local:///usr/lib/spark/examples/jars/none.jar",
			reason: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		},
		"jar on every node": {
			jars: "/usr/lib/spark/none.jar, local:///no/such.jar", want: "none.jar of spark.jars",
			reason: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		},
		"jar": {
			jars: "file:///no/such.jar#x", want: "file:///no/such.jar",
			reason: agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND,
		},
		"python": {python: "3.14.0", want: "Python 3.8 to 3.12", reason: agentv1.ExitReason_EXIT_REASON_START_REFUSED},
	} {
		t.Run(name, func(t *testing.T) {
			if c.entry == "" {
				c.entry = script(t)
			}
			if c.python == "" {
				c.python = "3.11.7"
			}
			e, dir := fake(t, c.python)
			_, err := e.Prepare(t.Context(), assignment(c.entry, map[string]string{"spark.jars": c.jars}), homeIn(t, dir))
			var start *engine.StartError
			if !errors.As(err, &start) || start.Reason != c.reason || !strings.Contains(start.Message, c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestPrepare_UnpacksArchivesBeforeTheDriverStarts(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	archive := filepath.Join(t.TempDir(), "environment.zip")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	if _, err := z.Create("bin/python"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for archives, ok := range map[string]bool{
		"file://" + archive + "#environment": true, archive + "#../../up": false,
		archive + "#.headrace": false, archive + "#.": false, archive + "#a," + archive + "#a/link/b": false,
	} {
		_, err := e.Prepare(t.Context(), assignment(script(t), map[string]string{"spark.archives": archives}), homeIn(t, dir))
		if (err == nil) != ok {
			t.Errorf("%s: %v", archives, err)
		}
		if _, err := os.Stat(filepath.Join(workIn(dir), "environment", "bin", "python")); ok && err != nil {
			t.Error(err)
		}
	}
}

func TestSplitOptions_SplitsAsSparkDoes(t *testing.T) {
	for in, want := range map[string][]string{
		"":                          nil,
		" -a  -b=1\n-c ":            {"-a", "-b=1", "-c"},
		`-Dx="a b" -Dy='c "d"'`:     {"-Dx=a b", `-Dy=c "d"`},
		`-Dp=C:\\x "" 'it\s' "\"q"`: {`-Dp=C:\x`, "", `it\s`, `"q`},
	} {
		if got := splitOptions(in); !slices.Equal(got, want) {
			t.Errorf("splitOptions(%q) = %q, want %q", in, got, want)
		}
	}
}

// An archive takes the place of what is in its folder, but not of the run's own program.
func TestPrepare_RefusesAnArchiveInThePlaceOfTheEntryPoint(t *testing.T) {
	e, dir := fake(t, "3.11.7")
	p := layout{home: homeIn(t, dir)}
	entry := filepath.Join(p.work(), "job.py")
	write(t, entry, "print(1)")
	archive := filepath.Join(t.TempDir(), "environment.zip")
	_, _, err := e.unpackArchives(t.Context(), p, "file://"+archive+"#./job.py", entry, nil, 1)
	if err == nil || !strings.Contains(err.Error(), archive) || !strings.Contains(err.Error(), "entry point job.py") {
		t.Errorf("got %v, want a refusal that names both", err)
	}
	if _, err := os.Stat(entry); err != nil {
		t.Errorf("the entry point is gone: %v", err)
	}
}
