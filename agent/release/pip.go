package release

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// pollEvery is how often a download's size is looked at.
const pollEvery = 500 * time.Millisecond

// keepOutput bounds what is kept of pip's output, in bytes.
const keepOutput = 64 << 10

// backend is what pip takes for setuptools while it downloads a source archive. pip wants the metadata of every
// archive, and asks the archive's own set-up program for it; ours answers instead, so that nothing of the archive runs,
// and neither setuptools nor a second download is needed.
//
//go:embed all:backend/setuptools
var backend embed.FS

// got finds the digest in pip's complaint.
var got = regexp.MustCompile(`Got\s+([0-9a-f]{64})`)

// pip downloads from the Python package registry with the machine's own pip.
type pip struct {
	python string // the interpreter; empty: python3
	work   string // an empty directory on the disk that the archive is to be on
}

// check says what is missing on this machine and how to get it.
func (p pip) check(ctx context.Context) error {
	if _, err := exec.LookPath(p.interpreter()); err != nil {
		return errs.New(errs.Unavailable, "cannot download: %s is not on this machine; install Python 3 with pip "+
			"(apt-get install python3-pip, or dnf install python3-pip): %w", p.interpreter(), err)
	}
	if out, err := exec.CommandContext(ctx, p.interpreter(), "-m", "pip", "--version").CombinedOutput(); err != nil {
		return errs.New(errs.Unavailable, "cannot download: %s has no pip; install it (apt-get install python3-pip, "+
			"dnf install python3-pip, or %[1]s -m ensurepip --user): %[2]s", p.interpreter(), lastLines(string(out), 3))
	}
	return nil
}

// interpreter returns the Python that is run.
func (p pip) interpreter() string {
	if p.python == "" {
		return "python3"
	}
	return p.python
}

// download brings one archive into a directory. pip itself refuses an archive of another digest.
func (p pip) download(ctx context.Context, from source, into string, progress func(Progress)) error {
	command, err := p.command(ctx, from, into)
	if err != nil {
		return err
	}
	said := &tail{limit: keepOutput}
	command.Stdout, command.Stderr = said, said
	if err := command.Start(); err != nil {
		return errs.New(errs.Unavailable, "cannot start pip: %w", err)
	}
	step := begin(progress, from.title+": download", from.size)
	stop := p.watch(step, filepath.Ext(from.file))
	err = command.Wait()
	stop()
	if err != nil {
		return p.explain(ctx, from, said.String(), err)
	}
	step.end()
	return nil
}

// command returns the run of pip. Its temporary directory is ours, so that the archive is moved and not copied in the
// end.
func (p pip) command(ctx context.Context, from source, into string) (*exec.Cmd, error) {
	if err := os.CopyFS(p.work, backend); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot write to the release cache: %w", err)
	}
	file := filepath.Join(p.work, "requirements.txt")
	line := fmt.Sprintf("%s==%s --hash=sha256:%s\n", from.project, from.version, from.sha256)
	if err := os.WriteFile(file, []byte(line), 0o644); err != nil {
		return nil, errs.New(errs.Unavailable, "cannot write to the release cache: %w", err)
	}
	args := []string{
		"-m", "pip", "download", "--no-deps", "--no-cache-dir", "--progress-bar", "off", "--disable-pip-version-check",
	}
	kind := []string{"--only-binary", from.project}
	if !from.built {
		kind = []string{"--no-binary", from.project, "--no-build-isolation", "--use-pep517"}
	}
	args = append(append(args, kind...), "--require-hashes", "-r", file, "-d", into)
	command := exec.CommandContext(ctx, p.interpreter(), args...)
	command.Env = append(os.Environ(), "TMPDIR="+p.work, "PYTHONPATH="+filepath.Join(p.work, "backend"),
		"SETUPTOOLS_USE_DISTUTILS=stdlib", "PYTHONDONTWRITEBYTECODE=1", "HEADRACE_PROJECT="+from.project,
		"HEADRACE_VERSION="+from.version)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 5 * time.Second
	return command, nil
}

// watch reports the size of what pip is writing until the returned function is called, which waits for its end.
func (p pip) watch(step *step, extension string) (stop func()) {
	return step.watch(func() int64 { return largest(p.work, extension) })
}

// largest returns the size of the largest file with that extension one folder deep in a directory.
func largest(dir, extension string) (size int64) {
	paths, _ := filepath.Glob(filepath.Join(dir, "*", "*"+extension))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			size = max(size, info.Size())
		}
	}
	return size
}

// explain turns pip's failure into an error.
func (p pip) explain(ctx context.Context, from source, output string, err error) error {
	if ctx.Err() != nil {
		return errs.New(errs.Unavailable, "cannot download %s: %w", from.title, ctx.Err())
	}
	if strings.Contains(output, "DO NOT MATCH THE HASHES") {
		other := "another one"
		if m := got.FindStringSubmatch(output); m != nil {
			other = m[1]
		}
		return digestError(from.file, from.sha256, other)
	}
	return errs.New(errs.Unavailable, "cannot download %s (%s==%s) from the Python package registry; check the network, "+
		"and a mirror or proxy with `pip config list`. pip said (%w):\n%s",
		from.title, from.project, from.version, err, lastLines(output, 6))
}

// digestError says that an archive is not the one that was expected.
func digestError(file, want, got string) error {
	return errs.New(errs.Invalid, "cannot use %s: its SHA-256 is %s, expected %s", file, got, want)
}

// lastLines returns the last n lines of a text that are not empty.
func lastLines(text string, n int) string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, "\r\n"))
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// tail keeps the end of what is written to it.
type tail struct {
	bytes.Buffer
	limit int
}

// Write keeps the last limit bytes.
func (t *tail) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	if over := t.Len() - 2*t.limit; over > 0 {
		t.Next(t.Len() - t.limit)
	}
	return n, err
}
