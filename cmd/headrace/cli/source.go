package cli

import (
	"io"
	"os"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/manifest"
	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// textOf returns the text of a flag, or of the file that it names as file://PATH.
func textOf(flag, value string) (string, error) {
	path, isFile := strings.CutPrefix(value, "file://")
	if !isFile {
		return value, nil
	}
	content, err := readFile(path)
	if err != nil {
		return "", badFlag(flag, "cannot read the file: %w", err)
	}
	return string(content), nil
}

func textsOf(flag string, values []string) ([]string, error) {
	var all []string
	for _, value := range values {
		text, err := textOf(flag, value)
		if err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, nil
}

// readFile reads a file that is not too large.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return readAll(path, f)
}

// readAll reads to the end, which must not be too far.
func readAll(name string, r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, manifest.MaxBytes+1))
	if err == nil && len(content) > manifest.MaxBytes {
		err = errs.New(errs.TooLarge, "%s has more than %d bytes", name, manifest.MaxBytes)
	}
	return content, err
}

func configurationFlag(flag, value string) ([]*specv1.Configuration, error) {
	text, err := textOf(flag, value)
	if err != nil {
		return nil, err
	}
	return manifest.Configurations(flag, text)
}

func monitoringFlag(flag, value string) (*specv1.Monitoring, error) {
	text, err := textOf(flag, value)
	if err != nil {
		return nil, err
	}
	return manifest.MonitoringOption(flag, text)
}
