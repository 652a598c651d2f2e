package agent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// launchFile keeps, without secrets, how a worker was started.
const launchFile = "launch.pb"

// OwnFolder is the folder in a worker's working directory where an engine writes what it makes itself: the text of files there is
// shown to people, that of other files is the user's.
const OwnFolder = ".headrace"

// What is told of a worker's files at most.
const (
	maxFiles     = 100
	maxVisited   = 2000     // files and folders looked at
	maxFileText  = 64 << 10 // bytes of one file
	maxFilesText = 1 << 20  // bytes of all, well below what one message may have
)

// describeLaunch returns how a worker is about to be started. It is called before the worker runs, so that what lies in its
// directory is what was put there for it, and no program of a user changes it meanwhile.
func describeLaunch(a *agentv1.AssignedWorker, command runtime.Command, home *runtime.Home) *agentv1.WorkerLaunch {
	hide := newRedaction(a.GetSecret())
	launch := &agentv1.WorkerLaunch{
		Environment: map[string]string{"HEADRACE_WORKER_ID": a.GetWorkerId()}, Directory: valid(home.Seen),
	}
	for _, arg := range hide.arguments(command.Args) {
		launch.Command = append(launch.Command, valid(arg))
	}
	for _, variable := range command.Env {
		name, value, _ := strings.Cut(variable, "=")
		launch.Environment[valid(name)] = valid(hide.named(name, value))
	}
	launch.Files = launchFiles(home.Work, command.Sources, hide)
	return launch
}

// launchFiles returns the files of a work directory, by path.
func launchFiles(work *guest.Folder, sources map[string]string, hide redaction) (files []*agentv1.LaunchFile) {
	visited, text := 0, 0
	_ = work.Walk(func(name string, entry fs.DirEntry, err error) error {
		if visited++; visited > maxVisited || len(files) == maxFiles {
			return fs.SkipAll
		}
		if err != nil || !entry.Type().IsRegular() {
			return nil // what cannot be read is not told
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		file := &agentv1.LaunchFile{Path: valid(name), Source: valid(hide.text(sources[name])), SizeBytes: info.Size()}
		own := strings.HasPrefix(name, OwnFolder+string(filepath.Separator)) && file.Source == ""
		if own && text+int(min(info.Size(), maxFileText)) <= maxFilesText {
			file.Content = fileText(work, name, info.Size(), hide)
			text += len(file.Content)
		}
		files = append(files, file)
		return nil
	})
	return files
}

// fileText returns the text of a small file; empty if it is none.
func fileText(work *guest.Folder, name string, size int64, hide redaction) string {
	if size > maxFileText {
		return ""
	}
	file, err := work.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxFileText+1))
	if err != nil || len(content) > maxFileText || !utf8.Valid(content) || strings.ContainsRune(string(content), 0) {
		return ""
	}
	if text := hide.file(string(content)); len(text) <= maxFileText {
		return text
	}
	return ""
}

// valid returns text that a message can carry.
func valid(text string) string { return strings.ToValidUTF8(text, "?") }

// keepLaunch keeps how the worker is about to be started, for who asks. A worker runs also without.
func (w *worker) keepLaunch(a *agentv1.AssignedWorker, command runtime.Command, home *runtime.Home) {
	content, err := proto.Marshal(describeLaunch(a, command, home))
	if err == nil {
		err = replaceFile(filepath.Join(home.Dir, launchFile), content, false)
	}
	if err != nil {
		w.log().Error("cannot keep how the worker is started", "error", err)
	}
}

// loadLaunch returns how a worker was started; its Error says why that is not known.
func (f *fleet) loadLaunch(id string) *agentv1.WorkerLaunch {
	launch := &agentv1.WorkerLaunch{}
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return &agentv1.WorkerLaunch{Error: fmt.Sprintf("cannot describe worker %q: an id is one file name", id)}
	}
	content, err := os.ReadFile(filepath.Join(f.runtime.Dir(id), launchFile))
	if err == nil {
		err = proto.Unmarshal(content, launch)
	}
	switch {
	case err == nil:
		return launch
	case errors.Is(err, fs.ErrNotExist):
		return &agentv1.WorkerLaunch{Error: fmt.Sprintf("cannot say how worker %s was started: %s", id, f.whyUnknown(id))}
	}
	return &agentv1.WorkerLaunch{Error: fmt.Sprintf("cannot say how worker %s was started: %v", id, err)}
}

// whyUnknown says why nothing is kept of how a worker was started.
func (f *fleet) whyUnknown(id string) string {
	if removed, since := f.runtime.Removed(id); removed {
		return "its directory was removed at " + since.UTC().Format(time.RFC3339)
	}
	if w := f.find(id); w != nil && !w.hasEnded() {
		return "it is still being prepared"
	} else if w != nil {
		return "it ended before it was started"
	}
	return "this node keeps nothing of it; an ended worker's directory is kept for an hour, or less when they use too much disk"
}
