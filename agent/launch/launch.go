package launch

import (
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/agent/engine"
	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// What is told of a worker's files at most.
const (
	maxFiles     = 100
	maxVisited   = 2000     // files and folders looked at
	maxFileText  = 64 << 10 // bytes of one file
	maxFilesText = 1 << 20  // bytes of all, well below what one message may have
)

// Describe returns how a worker is about to be started. A home without files has none to tell of.
func Describe(a *agentv1.AssignedWorker, command runtime.Command, home *runtime.Home) *agentv1.WorkerLaunch {
	hide := newRedaction(a.GetSecret())
	launch := &agentv1.WorkerLaunch{
		Environment: map[string]string{"HEADRACE_WORKER_ID": a.GetWorkerId()},
		Directory:   valid(home.Seen),
	}
	for _, arg := range hide.arguments(command.Args) {
		launch.Command = append(launch.Command, valid(arg))
	}
	for _, variable := range command.Env {
		name, value, _ := strings.Cut(variable, "=")
		launch.Environment[valid(name)] = valid(hide.named(name, value))
	}
	launch.Files = files(home.Work, command.Sources, hide)
	return launch
}

// files returns the files of a work directory, by path.
func files(work *guest.Folder, sources map[string]string, hide redaction) []*agentv1.LaunchFile {
	t := &teller{work: work, sources: sources, hide: hide}
	_ = work.Walk(func(name string, entry fs.DirEntry, err error) error {
		t.visited++
		if t.visited > maxVisited || len(t.told) == maxFiles {
			return fs.SkipAll
		}
		if err == nil && entry.Type().IsRegular() { // what cannot be read is not told
			t.tell(name, entry)
		}
		return nil
	})
	return t.told
}

// teller tells files, as long as there is room.
type teller struct {
	work    *guest.Folder
	sources map[string]string // where files are from, by name
	hide    redaction

	visited int // files and folders
	text    int // bytes of the files that are told
	told    []*agentv1.LaunchFile
}

// tell tells a file; its text too if it is the platform's own and there is room.
func (t *teller) tell(name string, entry fs.DirEntry) {
	info, err := entry.Info()
	if err != nil {
		return
	}
	file := &agentv1.LaunchFile{
		Path:      valid(name),
		Source:    valid(t.hide.text(t.sources[name])),
		SizeBytes: info.Size(),
	}
	own := strings.HasPrefix(name, engine.OwnFolder+string(filepath.Separator)) && file.GetSource() == ""
	if own && t.text+int(min(info.Size(), maxFileText)) <= maxFilesText {
		file.Content = fileText(t.work, name, info.Size(), t.hide)
		t.text += len(file.GetContent())
	}
	t.told = append(t.told, file)
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
	isText := utf8.Valid(content) && !strings.ContainsRune(string(content), 0)
	if err != nil || len(content) > maxFileText || !isText {
		return ""
	}
	if text := hide.file(string(content)); len(text) <= maxFileText {
		return text
	}
	return ""
}

// valid returns text that a message can carry.
func valid(text string) string { return strings.ToValidUTF8(text, "?") }
