package storage_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/headrace/headrace/internal/s3test"
	"github.com/headrace/headrace/internal/storage"
)

const bucket = "headrace-test"

// server is a real S3 server, which all tests share.
var server *s3test.Server

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if !s3test.Built() {
		fmt.Println("left out:", s3test.Missing)
		return 0, nil
	}
	dir, err := os.MkdirTemp("", "headrace-storage-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err = s3test.Run(context.Background(), dir, bucket)
	if err != nil {
		return 0, err
	}
	os.Setenv("AWS_EC2_METADATA_DISABLED", "true") // nobody's credentials but those of the test
	os.Setenv("HOME", dir)                         // the server's program is below the old one
	code = m.Run()
	server.Stop()
	if leak := goleak.Find(); leak != nil && code == 0 {
		return 1, leak
	}
	return code, nil
}

// everywhere runs a test with a folder on each kind of storage, which must behave the same.
func everywhere(t *testing.T, test func(t *testing.T, client *storage.Client, folder string)) {
	client := storage.New(server.Config)
	t.Run("s3", func(t *testing.T) { test(t, client, storage.Join("s3://"+bucket, t.Name())) })
	t.Run("file", func(t *testing.T) {
		client, dir := filesOf(t)
		test(t, client, "file://"+dir)
	})
}

// filesOf returns a client that reaches a directory.
func filesOf(t *testing.T) (client *storage.Client, dir string) {
	t.Helper()
	dir = t.TempDir()
	return storage.New(storage.Config{}).Files(storage.Access{Below: []string{dir}}), dir
}

func write(t *testing.T, client *storage.Client, uri, content string) {
	t.Helper()
	if err := client.Write(t.Context(), uri, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, client *storage.Client, uri string, offset int64) (string, storage.Info) {
	t.Helper()
	in, info, err := client.Read(t.Context(), uri, offset)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	content, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(content), info
}

func list(t *testing.T, client *storage.Client, prefix string) (uris []string) {
	t.Helper()
	for info, err := range client.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		uris = append(uris, info.URI)
	}
	return uris
}
