package s3test_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/s3test"
	"github.com/headrace/headrace/internal/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestServer_ServesItsUserOnly(t *testing.T) {
	server := s3test.Start(t, "one", "two")
	client := storage.New(server.Config)
	for _, bucket := range []string{"one", "two"} {
		if err := client.Write(t.Context(), "s3://"+bucket+"/key", strings.NewReader("content")); err != nil {
			t.Errorf("bucket %s: %v", bucket, err)
		}
	}
	forged := server.Config
	forged.CredentialsFile = filepath.Join(t.TempDir(), "credentials")
	profile := "[default]\naws_access_key_id = " + server.AccessKeyID + "\naws_secret_access_key = forged\n"
	if err := os.WriteFile(forged.CredentialsFile, []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := storage.New(forged).Read(t.Context(), "s3://one/key", 0); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a forged signature gave %v, want %s", err, errs.Unauthorized)
	}
}

func TestServer_IsGoneAfterStop(t *testing.T) {
	if !s3test.Built() {
		t.Skip(s3test.Missing)
	}
	server, err := s3test.Run(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	server.Stop()
	address := strings.TrimPrefix(server.Endpoint, "http://")
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		_ = conn.Close()
		t.Errorf("somebody still listens at %s", server.Endpoint)
	}
}

func TestRun_EndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if server, err := s3test.Run(ctx, t.TempDir(), "bucket"); err == nil {
		server.Stop()
		t.Error("a start whose context is done succeeded")
	}
}
