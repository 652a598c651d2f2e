package releases

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/smalldisk"
)

func open(t *testing.T, fetch Fetch) (*Cache, string) {
	t.Helper()
	dir := t.TempDir()
	c, err := Open(dir, fetch)
	if err != nil {
		t.Fatal(err)
	}
	return c, dir
}

func digestOf(archive []byte) []byte {
	sum := sha256.Sum256(archive)
	return sum[:]
}

func TestOpen_RemovesWhatWasBeingReceived(t *testing.T) {
	c, dir := open(t, nil)
	archive := []byte("an archive")
	if err := c.Store(digestOf(archive), int64(len(archive)), bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".incoming-1"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".incoming-*")); len(left) != 0 || !again.Has(digestOf(archive)) {
		t.Errorf("left %v; the archive is there: %v", left, again.Has(digestOf(archive)))
	}
}

func TestStore_BoundsWhatIsReceivedAtOnce(t *testing.T) {
	c, _ := open(t, nil)
	done := make(chan error, maxIncoming)
	var writers []*io.PipeWriter
	for i := range maxIncoming {
		r, w := io.Pipe()
		writers = append(writers, w)
		go func() { done <- c.Store(bytes.Repeat([]byte{byte(i)}, sha256.Size), 2, r) }()
		if _, err := w.Write([]byte("a")); err != nil { // it is being received
			t.Fatal(err)
		}
	}
	if err := c.Store(digestOf(nil), 1, bytes.NewReader(nil)); !errs.Is(err, errs.Overloaded) {
		t.Errorf("one more than %d: %v", maxIncoming, err)
	}
	for _, w := range writers {
		_ = w.CloseWithError(errors.New("broke off"))
		if err := <-done; err == nil {
			t.Error("half an archive was stored")
		}
	}
	archive := []byte("an archive")
	if err := c.Store(digestOf(archive), int64(len(archive)), bytes.NewReader(archive)); err != nil {
		t.Errorf("after the others: %v", err)
	}
}

func TestBring_TakesOnlyWhatWasAskedFor(t *testing.T) {
	archive := []byte("an archive")
	answer := io.NopCloser(bytes.NewReader([]byte("another one")))
	c, _ := open(t, func(context.Context, []byte) (io.ReadCloser, error) { return answer, nil })
	if err := c.Bring(t.Context(), digestOf(archive), int64(len(archive))); err == nil || c.Has(digestOf(archive)) {
		t.Errorf("another archive was taken: %v", err)
	}
	answer = io.NopCloser(bytes.NewReader(archive))
	if err := c.Bring(t.Context(), digestOf(archive), int64(len(archive))); err != nil || !c.Has(digestOf(archive)) {
		t.Errorf("cannot bring it: %v", err)
	}
}

func TestStreamLocal_SaysWhatIsNotThere(t *testing.T) {
	c, _ := open(t, nil)
	for _, digest := range [][]byte{nil, {1}, digestOf(nil)} {
		err := c.StreamLocal(digest, 0, func([]byte) error { return nil })
		if !errs.Is(err, errs.NotFound) {
			t.Errorf("%x: %v", digest, err)
		}
	}
}

// Two clients may upload one archive at once, and a server may fetch it meanwhile: none is in the other's way.
func TestStore_TakesOneArchiveTwiceAtOnce(t *testing.T) {
	c, dir := open(t, nil)
	archive := bytes.Repeat([]byte("an archive "), 100_000)
	digest := digestOf(archive)
	done := make(chan error, maxIncoming)
	var writers []*io.PipeWriter
	for range maxIncoming {
		r, w := io.Pipe()
		writers = append(writers, w)
		go func() { done <- c.Store(digest, int64(len(archive)), r) }()
	}
	for _, w := range writers { // both are being received
		if _, err := w.Write(archive[:10]); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range writers {
		if _, err := w.Write(archive[10:]); err != nil {
			t.Fatal(err)
		}
		_ = w.Close()
		if err := <-done; err != nil || !c.Has(digest) {
			t.Errorf("it is here: %t, %v", c.Has(digest), err)
		}
	}
	var got []byte
	err := c.Stream(digest, 5, func(part []byte) error {
		got = append(got, part...)
		return nil
	})
	if err != nil || !bytes.Equal(got, archive[5:]) {
		t.Errorf("%d bytes are sent from 5 on, %v", len(got), err)
	}
	alone(t, dir)
}

// alone checks that there is one file in a directory.
func alone(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
}

func TestStream_GoesOnWhenTheArchiveIsRemovedMeanwhile(t *testing.T) {
	c, dir := open(t, nil)
	archive := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // of several chunks
	digest := digestOf(archive)
	if err := c.Store(digest, int64(len(archive)), bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	alone(t, dir)
	var got []byte
	err := c.Stream(digest, 0, func(part []byte) error {
		got = append(got, part...)
		_ = os.Remove(c.path(digest))
		return nil
	})
	if err != nil || !bytes.Equal(got, archive) || c.Has(digest) {
		t.Errorf("%d of %d bytes were sent, %v", len(got), len(archive), err)
	}
}

func TestStore_OnAFullDiskLeavesRoomForASmallerArchive(t *testing.T) {
	dir, inside := smalldisk.Enter(t, 64<<10)
	if !inside {
		return
	}
	c, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 1<<20)
	err = c.Store(digestOf(large), int64(len(large)), bytes.NewReader(large))
	if !errors.Is(err, syscall.ENOSPC) || c.Has(digestOf(large)) {
		t.Errorf("%v, not %v", err, syscall.ENOSPC)
	}
	small := make([]byte, 32<<10)
	if err := c.Store(digestOf(small), int64(len(small)), bytes.NewReader(small)); err != nil {
		t.Error(err)
	}
	alone(t, dir)
}
