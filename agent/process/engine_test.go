package process

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// homeOf returns the home of a worker that is not isolated.
func homeOf(t *testing.T) *runtime.Home {
	t.Helper()
	config := runtime.DefaultConfig()
	config.DataDir, config.Cgroup = t.TempDir(), ""
	held, err := runtime.New(config)
	if err != nil {
		t.Fatal(err)
	}
	home, err := held.MakeHome("w", runtime.HomeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(home.Close)
	return home
}

func TestProcess_TellsTheProgramWhoItIs(t *testing.T) {
	home := homeOf(t)
	command, err := Engine{}.Prepare(t.Context(), &agentv1.AssignedWorker{
		WorkerId: "w", Epoch: 3, JobRunId: "r", Attempt: 2, ApplicationId: "a", Type: "TASK", Number: 4,
		Program: &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{
			Command: []string{"sh", "-c", "true"}, Tasks: 5, DriverHost: "h",
			Environment: map[string]string{"MINE": "1", "HEADRACE_ROLE": "king"},
		}},
	}, home)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"HEADRACE_APPLICATION_ID=a", "HEADRACE_ATTEMPT=2", "HEADRACE_DRIVER_HOST=h", "HEADRACE_EPOCH=3",
		"HEADRACE_JOB_RUN_ID=r", "HEADRACE_ROLE=task", "HEADRACE_TASK_COUNT=5", "HEADRACE_TASK_INDEX=4",
		"HEADRACE_WORKER_ID=w", "HOME=" + home.Seen, "LANG=C.UTF-8", "MINE=1", "PATH=" + searchPath,
		"TMPDIR=" + home.Seen + "/tmp",
	}
	if !slices.Equal(command.Env, want) {
		t.Errorf("the environment is\n%q, want\n%q", command.Env, want)
	}
	if args := command.Args; len(args) != 3 || args[0] == "sh" || args[2] != "true" {
		t.Errorf("the arguments are %q", args)
	}
}

func TestProcess_NamesTheProgramThatIsNotThere(t *testing.T) {
	for _, program := range []string{"/no/such/program", "no-such-program", "./program", "/etc"} {
		w := &agentv1.AssignedWorker{
			WorkerId: "w",
			Program:  &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{Command: []string{program}}},
		}
		_, err := Engine{}.Prepare(t.Context(), w, homeOf(t))
		var cannot *engine.StartError
		if !errors.As(err, &cannot) || cannot.Reason != agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND {
			t.Errorf("%s gave %v", program, err)
		}
	}
}

func TestA8_AScriptWithoutItsInterpreterNamesIt(t *testing.T) {
	for script, want := range map[string]string{
		"#!/no/such/python -u\n": "its interpreter /no/such/python is not there",
		"#! /bin/sh\r\necho\r\n": "its interpreter /bin/sh is not there with the carriage return behind it",
		"#!/bin/sh\n":            "",
		"#!\t/bin/sh\t-e\n":      "",
		"#!\n":                   "",
		"#!python\n":             "",
		"\x7fELF":                "",
	} {
		path := filepath.Join(t.TempDir(), "script")
		if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := Engine{}.Prepare(t.Context(), &agentv1.AssignedWorker{
			WorkerId: "w",
			Program:  &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{Command: []string{path}}},
		}, homeOf(t))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", script, err, want)
		}
	}
}

// serving is what opens one uploaded file.
func serving(content []byte, err error) engine.OpenUpload {
	return func(context.Context, string, []byte) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), err
	}
}

// uploadedRun is a worker whose program is an uploaded file.
func uploadedRun(content, name string) *agentv1.AssignedWorker {
	uri := upload.File{Digest: sha256.Sum256([]byte(content)), Name: name}.URI()
	return &agentv1.AssignedWorker{
		WorkerId: "w",
		Program:  &agentv1.AssignedWorker_Process{Process: &agentv1.ProcessProgram{Command: []string{uri, "a"}}},
	}
}

func TestD3_AnUploadedProgramIsPutIntoTheWorkersDirectory(t *testing.T) {
	const content = "#!/bin/sh\necho hello\n"
	home := homeOf(t)
	w := uploadedRun(content, "hello.sh")
	command, err := Engine{OpenUpload: serving([]byte(content), nil)}.Prepare(t.Context(), w, home)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{filepath.Join(home.Seen, "hello.sh"), "a"}; !slices.Equal(command.Args, want) {
		t.Errorf("runs %q, not %q", command.Args, want)
	}
	if command.Sources["hello.sh"] != w.GetProcess().GetCommand()[0] {
		t.Errorf("people are told of %v", command.Sources)
	}
	info, err := os.Stat(filepath.Join(home.Path(), "hello.sh"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

func TestD3_AnUploadedProgramThatCannotBeUsedSaysWhy(t *testing.T) {
	const content = "#!/no/such/python\n"
	gone := errs.New(errs.NotFound, "the servers keep no such file")
	for name, c := range map[string]struct {
		e      Engine
		w      *agentv1.AssignedWorker
		reason agentv1.ExitReason
		says   string
	}{
		"gone": {
			Engine{OpenUpload: serving(nil, gone)},
			uploadedRun(content, "x"),
			agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "the servers keep no such file",
		},
		"without its interpreter": {
			Engine{OpenUpload: serving([]byte(content), nil)},
			uploadedRun(content, "x"),
			agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "its interpreter /no/such/python is not there",
		},
		"damaged": {
			Engine{OpenUpload: serving([]byte("#!/bin/rm"), nil)},
			uploadedRun(content, "x"),
			agentv1.ExitReason_EXIT_REASON_START_REFUSED, "damaged",
		},
		"of nobody": {
			Engine{},
			uploadedRun(content, "x"),
			agentv1.ExitReason_EXIT_REASON_START_REFUSED, "this agent fetches no files",
		},
		"in the way": {
			Engine{OpenUpload: serving([]byte(content), nil)},
			uploadedRun(content, "tmp"),
			agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "folder for temporary files",
		},
	} {
		_, err := c.e.Prepare(t.Context(), c.w, homeOf(t))
		var cannot *engine.StartError
		if !errors.As(err, &cannot) || cannot.Reason != c.reason || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
