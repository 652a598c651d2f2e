package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// searchPath is the search path of a program that does not set its own.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// temporaryFolder is the folder for temporary files in a working directory.
const temporaryFolder = "tmp"

// Engine runs any program. It is an engine.Engine. Its zero value is ready, for programs that are on the node.
type Engine struct {
	// OpenUpload opens a program that a user gave the servers; nil: there is nobody to ask.
	OpenUpload engine.OpenUpload
}

var _ engine.Engine = Engine{}

// Prepare finds the program, or brings it.
func (e Engine) Prepare(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home) (runtime.Command, error) {
	if err := home.Work.MkdirAll(temporaryFolder); err != nil {
		return runtime.Command{}, engine.Cannot(agentv1.ExitReason_EXIT_REASON_START_REFUSED,
			"cannot make the worker's folder for temporary files: %v", err)
	}
	args := w.GetProcess().GetCommand()
	if len(args) == 0 {
		return runtime.Command{}, notFound("cannot start a program that is not named")
	}
	env := environment(w, home.Seen)
	command := runtime.Command{Env: engine.Environment(env)}
	var program string
	var err error
	if upload.Is(args[0]) {
		program, err = e.bring(ctx, w, home, args[0])
		command.Sources = map[string]string{filepath.Base(program): args[0]}
	} else {
		program, err = find(home, args[0], env["PATH"])
	}
	command.Args = append([]string{program}, args[1:]...)
	return command, err
}

// bring puts a program that a user uploaded into the worker's working directory, and returns its path there.
func (e Engine) bring(ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home, uri string) (string, error) {
	if strings.HasSuffix(uri, "/"+temporaryFolder) {
		return "", notFound("cannot start %s: the worker's folder for temporary files has this name; give the program "+
			"another one", uri)
	}
	name, err := e.OpenUpload.Put(ctx, w, home, uri, 0o700)
	if err != nil {
		return "", err
	}
	file, err := home.Work.Open(name)
	if err != nil {
		return "", notFound("cannot start %s: %v", uri, err)
	}
	defer func() { _ = file.Close() }()
	return filepath.Join(home.Seen, name), interpretableFile(home, uri, file)
}

// Attach has nothing to do: the program needs no company.
func (Engine) Attach(*agentv1.AssignedWorker, *runtime.Home) error { return nil }

// Update has nothing to do.
func (Engine) Update(*agentv1.AssignedWorker) {}

// Detach has nothing to do.
func (Engine) Detach(string) {}

// environment returns what the program sees: its own variables, over a small usual set, and ours over both.
func environment(w *agentv1.AssignedWorker, work string) map[string]string {
	env := map[string]string{"PATH": searchPath, "HOME": work, "LANG": "C.UTF-8"}
	maps.Copy(env, w.GetProcess().GetEnvironment())
	role := "driver"
	if w.GetNumber() > 0 {
		role = "task"
	}
	maps.Copy(env, map[string]string{
		"TMPDIR":                  filepath.Join(work, temporaryFolder),
		"HEADRACE_ROLE":           role,
		"HEADRACE_TASK_INDEX":     fmt.Sprint(w.GetNumber()),
		"HEADRACE_TASK_COUNT":     fmt.Sprint(w.GetProcess().GetTasks()),
		"HEADRACE_ATTEMPT":        fmt.Sprint(w.GetAttempt()),
		"HEADRACE_EPOCH":          fmt.Sprint(w.GetEpoch()),
		"HEADRACE_JOB_RUN_ID":     w.GetJobRunId(),
		"HEADRACE_APPLICATION_ID": w.GetApplicationId(),
		"HEADRACE_DRIVER_HOST":    w.GetProcess().GetDriverHost(),
		"HEADRACE_WORKER_ID":      w.GetWorkerId(),
	})
	return env
}

// find returns the absolute path of a program that the worker may run: as it is named, or by the search path.
func find(home *runtime.Home, program, path string) (string, error) {
	if filepath.IsAbs(program) {
		return program, executable(home, program)
	}
	if strings.Contains(program, "/") {
		return "", notFound("cannot start %s: name it by an absolute path, or by a name in PATH", program)
	}
	for _, dir := range filepath.SplitList(path) {
		if found := filepath.Join(dir, program); filepath.IsAbs(found) && executable(home, found) == nil {
			return found, nil
		}
	}
	return "", notFound("cannot start %s: it is not in PATH=%s on this node", program, path)
}

// executable says why a file is no program.
func executable(home *runtime.Home, path string) error {
	info, err := home.Stat(path)
	if err != nil {
		return notFound("cannot start %s on this node: %v", path, err)
	}
	if info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return notFound("cannot start %s on this node: it is not an executable file", path)
	}
	return interpretable(home, path)
}

// maxFirstLine is how much of a script the kernel reads to find its interpreter, in bytes.
const maxFirstLine = 256

// interpretable says which interpreter of a script is missing: the kernel says of the script itself then that it is not
// there. What the worker may not read is no script.
func interpretable(home *runtime.Home, path string) error {
	file, err := home.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	return interpretableFile(home, path, file)
}

// interpretableFile is interpretable for an open file.
func interpretableFile(home *runtime.Home, path string, file io.Reader) error {
	first := make([]byte, maxFirstLine)
	n, _ := io.ReadFull(file, first)
	line, _, _ := strings.Cut(string(first[:n]), "\n")
	named, script := strings.CutPrefix(line, "#!")
	words := strings.FieldsFunc(named, func(r rune) bool { return r == ' ' || r == '\t' }) // as the kernel splits it
	if !script || len(words) == 0 || !filepath.IsAbs(words[0]) {
		return nil
	}
	interpreter := words[0]
	if _, err := home.Stat(interpreter); errors.Is(err, fs.ErrNotExist) {
		return notFound("cannot start %s on this node: its interpreter %s is not there%s", path,
			strings.TrimSuffix(interpreter, "\r"), lineEnds(interpreter))
	}
	return nil
}

// lineEnds says what is wrong with a script whose lines end as those of Windows do.
func lineEnds(interpreter string) string {
	if strings.HasSuffix(interpreter, "\r") {
		return " with the carriage return behind it: give its lines the ends of Linux"
	}
	return ""
}

// notFound says that the program is not there.
func notFound(format string, args ...any) error {
	return engine.Cannot(agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, format, args...)
}
