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
	for name, content := range map[string]string{
		"spark/data": strings.Repeat("data", 1<<18),
		"release.json": `{"label": "` + label +
			`", "engine": "spark", "engine_version": "3.5.1", "spark_home": "spark"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cache
}

// receivedArchive is what a server received.
type receivedArchive struct {
	header   *controlv1.AddReleaseHeader
	body     bytes.Buffer
	replaced []byte
}

func (u *receivedArchive) receive(
	stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse],
) error {
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return stream.SendAndClose(&controlv1.AddReleaseResponse{
				Release:        &controlv1.Release{Label: u.header.GetLabel()},
				ReplacedDigest: u.replaced,
			})
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
	tries := 0
	last := &receivedArchive{}
	server := &clusterfake.Server{
		Add: func(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
			if tries++; tries == 1 {
				_, _ = stream.Recv()
				return errs.New(errs.Unavailable, "this server stops")
			}
			return last.receive(stream)
		},
	}
	r := command(t.Context(), server.Start(t), "release", "add", "emr-7.2.0", "--cache", fetched(t, "emr-7.2.0"))
	if r.failed != nil {
		t.Fatal(r.failed)
	}
	digest := sha256.Sum256(last.body.Bytes())
	if last.header.GetLabel() != "emr-7.2.0" || last.header.GetEngineVersion() != "3.5.1" ||
		last.header.GetSizeBytes() != int64(last.body.Len()) ||
		!bytes.Equal(last.header.GetDigest(), digest[:]) {
		t.Errorf("header %v for %d bytes of digest %x", last.header, last.body.Len(), digest)
	}
}

func TestAddRelease_SaysWhatTheServerRefuses(t *testing.T) {
	server := &clusterfake.Server{
		Add: func(grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
			return errs.New(errs.TooLarge, "it has 5 GiB; the most is 4 GiB")
		},
	}
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

// aSpark makes a distribution of Spark in a directory.
func aSpark(t *testing.T, content string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range map[string]string{
		"jars/spark-core_2.12-3.5.1.jar": "core",
		"bin/spark-submit":               content,
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700),
			os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A label that is there is not replaced by accident, neither here nor on the servers; --replace says what it replaced.
func TestAddRelease_ReplacesOnlyIfToldTo(t *testing.T) {
	last := &receivedArchive{}
	server := &clusterfake.Server{
		Add: func(stream grpc.ClientStreamingServer[controlv1.AddReleaseRequest, controlv1.AddReleaseResponse]) error {
			*last = receivedArchive{replaced: []byte{0xab, 0xcd}}
			return last.receive(stream)
		},
	}
	address := server.Start(t)
	cache := fetched(t, "our-spark")
	before := filesOfDir(t, cache)
	add := []string{"release", "add", "our-spark", aSpark(t, "new"), "--cache", cache}
	if r := command(t.Context(), address, add...); r.failed == nil ||
		!strings.Contains(r.failed.Error(), "--replace") ||
		last.header != nil {
		t.Errorf("without --replace: %v, it uploaded %v", r.failed, last.header)
	}
	r := command(t.Context(), address, append(add, "--replace")...)
	if r.failed != nil || !last.header.GetReplace() ||
		!strings.Contains(r.out.String(), "replaced the one with the SHA-256 abcd") {
		t.Errorf("%v: header %v, it said %s", r.failed, last.header, r.out.String())
	}
	if after := filesOfDir(t, cache); after != before {
		t.Errorf("this machine's cache changed from\n%s to\n%s", before, after)
	}
}

// filesOfDir lists the files below a directory.
func filesOfDir(t *testing.T, dir string) string {
	t.Helper()
	var files []string
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasSuffix(path, ".lock") {
			content, _ := os.ReadFile(path)
			files = append(files, path+" "+string(content[:min(len(content), 100)]))
		}
		return err
	})
	return strings.Join(files, "\n")
}

func TestFetchRelease_NamesWhatCanBeFetched(t *testing.T) {
	r := command(t.Context(), "127.0.0.1:1", "release", "fetch", "emr-1.0.0", "--into", t.TempDir())
	if r.failed == nil || ExitCode(r.failed) != ExitRefused || !strings.Contains(r.failed.Error(), "emr-7.2.0") {
		t.Errorf("error %v", r.failed)
	}
}
