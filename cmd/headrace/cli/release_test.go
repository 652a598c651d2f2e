package cli

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/cmd/headrace/clusterfake"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// fetched makes a cache that holds a release.
func fetched(t *testing.T, label string) (cache string) {
	t.Helper()
	cache = t.TempDir()
	dir := filepath.Join(cache, label)
	if err := os.MkdirAll(filepath.Join(dir, "spark"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"spark/data": strings.Repeat("data", 1<<18),
		"release.json": `{"label": "` + label + `", "engine": "spark", "engine_version": "3.5.1", "spark_home": "spark"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cache
}

// upload is what a server received.
type upload struct {
	header *controlv1.AddReleaseHeader
	body   bytes.Buffer
}

func (u *upload) receive(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&controlv1.AddReleaseResponse{Release: &controlv1.Release{Label: u.header.GetLabel()}})
		}
		if err != nil {
			return err
		}
		if part.GetHeader() != nil {
			u.header = part.GetHeader()
		}
		u.body.Write(part.GetChunk())
	}
}

func TestAddRelease_UploadsWhatWasFetchedAgainAfterABreak(t *testing.T) {
	tries, last := 0, &upload{}
	server := &clusterfake.Server{Add: func(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
		if tries++; tries == 1 {
			_, _ = stream.Recv()
			return errs.New(errs.Unavailable, "this server stops")
		}
		return last.receive(stream)
	}}
	r := command(t.Context(), server.Start(t), "release", "add", "emr-7.2.0", "--cache", fetched(t, "emr-7.2.0"))
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	digest := sha256.Sum256(last.body.Bytes())
	if last.header.GetLabel() != "emr-7.2.0" || last.header.GetEngineVersion() != "3.5.1" || last.header.GetSizeBytes() != int64(last.body.Len()) ||
		!bytes.Equal(last.header.GetDigest(), digest[:]) {
		t.Errorf("header %v for %d bytes of digest %x", last.header, last.body.Len(), digest)
	}
}

func TestAddRelease_SaysWhatTheServerRefuses(t *testing.T) {
	server := &clusterfake.Server{Add: func(grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
		return errs.New(errs.TooLarge, "it has 5 GiB; the most is 4 GiB")
	}}
	r := command(t.Context(), server.Start(t), "release", "add", "emr-7.2.0", "--cache", fetched(t, "emr-7.2.0"))
	if r.failed == nil || !strings.Contains(r.failed.Error(), "cannot add release: it has 5 GiB") {
		t.Errorf("error %v", r.failed)
	}
}

func TestAddRelease_SaysThatItIsNotFetched(t *testing.T) {
	r := command(t.Context(), "127.0.0.1:1", "release", "add", "emr-7.2.0", "--cache", t.TempDir())
	if r.failed == nil || !strings.Contains(r.failed.Error(), "headrace release fetch emr-7.2.0") {
		t.Errorf("error %v", r.failed)
	}
}

func TestFetchRelease_NamesWhatCanBeFetched(t *testing.T) {
	r := command(t.Context(), "127.0.0.1:1", "release", "fetch", "emr-1.0.0", "--into", t.TempDir())
	if r.failed == nil || ExitCode(r.failed) != ExitRefused || !strings.Contains(r.failed.Error(), "emr-7.2.0") {
		t.Errorf("error %v", r.failed)
	}
}
