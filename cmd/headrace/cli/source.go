package cli

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// textOf returns the text of a flag, or of the file that it names as file://PATH.
func textOf(ctx context.Context, flag, value string) (string, error) {
	path, isFile := strings.CutPrefix(value, "file://")
	if !isFile {
		return value, nil
	}
	content, err := readFile(ctx, path)
	if err != nil {
		return "", badFlag(flag, "cannot read the file: %w", err)
	}
	return string(content), nil
}

func textsOf(ctx context.Context, flag string, values []string) ([]string, error) {
	var all []string
	for _, value := range values {
		text, err := textOf(ctx, flag, value)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// readFile reads a file that is not too large. It may be a pipe, such as a shell's <(...).
func readFile(ctx context.Context, path string) ([]byte, error) {
	return readAll(ctx, path, func() (io.ReadCloser, error) { return os.Open(path) })
}

// readAll opens something and reads it to the end, which must not be too far. Nobody may ever write to a pipe: its
// reader waits until ctx ends.
func readAll(ctx context.Context, name string, open func() (io.ReadCloser, error)) ([]byte, error) {
	return within(ctx, func() ([]byte, error) {
		from, err := open()
		if err != nil {
			return nil, err
		}
		defer func() { _ = from.Close() }()
		content, err := io.ReadAll(io.LimitReader(from, manifest.MaxBytes+1))
		if err == nil && len(content) > manifest.MaxBytes {
			err = errs.New(errs.TooLarge, "%s has more than %d bytes", name, manifest.MaxBytes)
		}
		return content, err
	})
}

// within returns what a read returns, unless ctx ends first. A read that waits for what never comes ends with the
// process.
func within[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type outcome struct {
		result T
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := read()
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func configurationFlag(ctx context.Context, flag, value string) ([]*specv1.Configuration, error) {
	text, err := textOf(ctx, flag, value)
	if err != nil {
		return nil, err
	}
	return manifest.Configurations(flag, text)
}

func monitoringFlag(ctx context.Context, flag, value string) (*specv1.Monitoring, error) {
	text, err := textOf(ctx, flag, value)
	if err != nil {
		return nil, err
	}
	return manifest.MonitoringOption(flag, text)
}
