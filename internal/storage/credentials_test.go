package storage_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/storage"
)

const uri = "s3://" + bucket + "/key"

// profiles returns the server's configuration with a file of credentials that has this content.
func profiles(t *testing.T, content string) storage.Config {
	t.Helper()
	config := server.Config
	config.CredentialsFile = filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(config.CredentialsFile, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

func TestCredentials_OfTheFileStandBeforeTheEnvironment(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "other")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "other")
	config := profiles(t, "[default]\naws_access_key_id=one\naws_secret_access_key=two\n"+
		"[logs]\naws_access_key_id=three\naws_secret_access_key=four\naws_session_token=five\n")
	got, err := storage.New(config).Credentials(t.Context())
	if want := (storage.Credentials{AccessKeyID: "one", SecretAccessKey: "two"}); err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	config.Profile = "logs"
	got, err = storage.New(config).Credentials(t.Context())
	if want := (storage.Credentials{AccessKeyID: "three", SecretAccessKey: "four", SessionToken: "five"}); err != nil ||
		got != want {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCredentials_ComeFromTheEnvironmentWithoutAFile(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", server.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.SecretAccessKey)
	config := server.Config
	config.CredentialsFile = ""
	write(t, storage.New(config), uri, "content")
}

func TestCredentials_AreNeverPrinted(t *testing.T) {
	secret := storage.Credentials{AccessKeyID: "shown", SecretAccessKey: "sesame", SessionToken: "sesame"}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "credentials", secret)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "credentials", secret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb, secret)
		fmt.Fprintf(&out, verb, &secret)
	}
	if strings.Contains(out.String(), "sesame") || strings.Contains(out.String(), fmt.Sprintf("%x", "sesame")) ||
		!strings.Contains(out.String(), "shown") {
		t.Errorf("printed: %s", &out)
	}
}

func TestWrongCredentials_AreUnauthorizedAndNotTold(t *testing.T) {
	for name, profile := range map[string]string{
		"wrong secret": "[default]\naws_access_key_id=" + server.AccessKeyID + "\naws_secret_access_key=sesame\n",
		"unknown key":  "[default]\naws_access_key_id=AKIDUNKNOWN\naws_secret_access_key=sesame\n",
		"half a key":   "[default]\naws_secret_access_key=sesame\n",
		"no profile":   "[other]\naws_access_key_id=AKID\naws_secret_access_key=sesame\n",
		"no form":      "sesame = [[sesame\n",
	} {
		config := profiles(t, profile)
		_, _, err := storage.New(config).Read(t.Context(), uri, 0)
		if k := errs.KindOf(err); k != errs.Unauthorized && k != errs.Invalid {
			t.Errorf("%s: %v, want %s", name, err, errs.Unauthorized)
		}
		if strings.Contains(err.Error(), "sesame") || !strings.Contains(err.Error(), config.CredentialsFile) {
			t.Errorf("%s: %q, want the file's name and no secret", name, err)
		}
	}
}

func TestNew_ReadsNothing(t *testing.T) {
	dir := t.TempDir()
	client := storage.New(storage.Config{CredentialsFile: "/does/not/exist", CAFile: "/does/not/exist"}).
		Files(storage.Access{Below: []string{dir}})
	write(t, client, "file://"+dir+"/file", "content")
	if _, err := client.Stat(t.Context(), uri); !errs.Is(err, errs.Invalid) ||
		!strings.Contains(err.Error(), "ca_file") {
		t.Errorf("the first use of S3 gave %v", err)
	}
}
