package s3test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/headrace/headrace/internal/flock"
)

// version is the server's, and source what it is built from.
const (
	version = "v1.8.0"
	source  = "github.com/versity/versitygw/cmd/versitygw@" + version
)

// lockEvery is how often it is looked whether another process has built the program.
const lockEvery = 100 * time.Millisecond

// Program returns the path of the server's program, which it builds unless it was built on this machine before. Others
// that want it at the same time wait for that.
func Program(ctx context.Context) (string, error) {
	folder, err := toolsFolder()
	if err != nil {
		return "", err
	}
	program := filepath.Join(folder, "versitygw-"+version)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("cannot make a folder for the S3 server of tests; set HEADRACE_CACHE: %w", err)
	}
	unlock, err := lock(ctx, program+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(program); err == nil { // somebody else has built it meanwhile
		return program, nil
	}
	return program, build(ctx, program)
}

// Missing says, for people, what Built being false means.
const Missing = "the S3 server of tests is not on this machine: make s3-server builds it, once"

// Built says whether the program is there, so that a test need not wait minutes for it.
func Built() bool {
	folder, err := toolsFolder()
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(folder, "versitygw-"+version))
	return err == nil
}

// toolsFolder returns where programs for tests are kept.
func toolsFolder() (string, error) {
	if cache := os.Getenv("HEADRACE_CACHE"); cache != "" {
		return filepath.Join(cache, "tools"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cannot find a cache directory for the S3 server of tests; set HEADRACE_CACHE: %w", err)
	}
	return filepath.Join(cache, "headrace", "tools"), nil
}

// build installs the program, and gives it its name only when all of it is there.
func build(ctx context.Context, program string) error {
	making, err := os.MkdirTemp(filepath.Dir(program), ".making-")
	if err != nil {
		return fmt.Errorf("cannot build the S3 server of tests: %w", err)
	}
	defer func() { _ = os.RemoveAll(making) }()
	install := exec.CommandContext(ctx, "go", "install", "-trimpath", "-ldflags=-s -w", source)
	install.Dir = making // outside of the module, so that its dependencies decide nothing
	install.Env = append(os.Environ(), "GOBIN="+making, "GOFLAGS=", "CGO_ENABLED=0")
	install.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the S3 server of tests with go install %s: %w\n%s", source, err, out)
	}
	if err := os.Rename(filepath.Join(making, "versitygw"), program); err != nil {
		return fmt.Errorf("cannot keep the S3 server of tests: %w", err)
	}
	return nil
}

// lock waits until no other process has a file locked, and locks it. It ends with ctx, or with the process that holds
// it.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot lock the S3 server of tests: %w", err)
	}
	err = flock.Wait(ctx, file, lockEvery)
	if err == nil {
		return func() { _ = file.Close() }, nil
	}
	_ = file.Close()
	if ctx.Err() != nil {
		err = fmt.Errorf("cannot wait longer for another process to build %s: %w", source, err)
	}
	return nil, err
}
