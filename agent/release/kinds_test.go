package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// content is what every archive of testdata holds: the mode of each file with its text, or with where it leads.
var content = map[string]string{
	"bin":      "drwxr-xr-x ",
	"bin/run":  "-rwxr-xr-x #!/bin/sh\necho ran\n",
	"bin/link": "Lrwxrwxrwx run",
	"data.txt": "-rw-r--r-- data\n",
	"empty":    "drwxr-xr-x ",
}

// held returns what a folder holds, as content does.
func held(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		said := info.Mode().String() + " "
		switch {
		case info.Mode().IsRegular():
			text, err := os.ReadFile(path)
			all[path[len(dir)+1:]] = said + string(text)
			return err
		case info.Mode().Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			all[path[len(dir)+1:]] = said + target
			return err
		}
		all[path[len(dir)+1:]] = said
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// entry is a file of a zip.
type entry struct {
	name string
	mode fs.FileMode
	text string
}

// zipped returns a zip as zip -y makes it.
func zipped(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var to bytes.Buffer
	z := zip.NewWriter(&to)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		header.SetMode(e.mode)
		w, err := z.CreateHeader(header)
		if err == nil && e.text != "" {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

// kindsZip is the zip of content.
func kindsZip(t *testing.T) []byte {
	t.Helper()
	return zipped(t,
		entry{"bin/run", 0o755, "#!/bin/sh\necho ran\n"},
		entry{"bin/link", fs.ModeSymlink | 0o777, "run"},
		entry{"data.txt", 0o644, "data\n"},
		entry{"empty/", fs.ModeDir | 0o755, ""},
	)
}

// compressed returns what a compressor makes of some bytes.
func compressed(t *testing.T, plain []byte, with func(io.Writer) (io.WriteCloser, error)) []byte {
	t.Helper()
	var to bytes.Buffer
	w, err := with(&to)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

func gzipTo(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }
func zstdTo(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }

// fixture returns a file of testdata.
func fixture(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Executables, links and empty folders are the same out of each kind of archive, whatever its name says, and out of
// what it is packed as for Spark.
func TestA6_EveryKindOfArchiveIsUnpackedAlike(t *testing.T) {
	plain := fixture(t, "kinds.tar")
	for name, packed := range map[string][]byte{
		"a.zip":        kindsZip(t),
		"a.jar":        kindsZip(t),
		"prefixed.zip": append([]byte("#!/usr/bin/env python3\n"), kindsZip(t)...),
		"zip":          kindsZip(t),
		"a.tar":        plain,
		"a.tar.gz":     compressed(t, plain, gzipTo),
		"a.tgz":        compressed(t, plain, gzipTo),
		"a.tar.bz2":    fixture(t, "kinds.tar.bz2"),
		"a.tar.xz":     fixture(t, "kinds.tar.xz"),
		"a.tar.zst":    compressed(t, plain, zstdTo),
		"wrong.zip":    fixture(t, "kinds.tar.xz"),
		"wrong.tar.gz": kindsZip(t),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, packed, 0o600); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "to")
			if _, err := unpackFor(t, t.Context(), file, dir, 1<<20); err != nil {
				t.Fatal(err)
			}
			if got := held(t, dir); !maps.Equal(got, content) {
				t.Errorf("unpacked are %q", got)
			}
			again := filepath.Join(t.TempDir(), "again")
			if _, err := unpackFor(t, t.Context(), repacked(t, dir), again, 1<<20); err != nil {
				t.Fatal(err)
			}
			if got := held(t, again); !maps.Equal(got, content) {
				t.Errorf("packed again and unpacked are %q", got)
			}
		})
	}
}

// repacked packs a folder as for Spark and returns the archive.
func repacked(t *testing.T, dir string) string {
	t.Helper()
	var user *guest.User
	folder, err := user.Folder(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	var to bytes.Buffer
	written, err := PackFolder(t.Context(), folder, filepath.Base(dir), &to, 1<<20)
	if err != nil || written != int64(to.Len()) {
		t.Fatalf("%d of %d bytes: %v", written, to.Len(), err)
	}
	for limit, ok := range map[int64]bool{written: true, written - 1: false} {
		_, err := PackFolder(t.Context(), folder, filepath.Base(dir), io.Discard, limit)
		if (err == nil) != ok || !ok && !errs.Is(err, errs.TooLarge) {
			t.Errorf("in %d bytes: %v", limit, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := PackFolder(ended, folder, filepath.Base(dir), io.Discard, 1<<20); !errs.Is(err, errs.Unavailable) {
		t.Errorf("nobody waits any more: %v", err)
	}
	file := filepath.Join(t.TempDir(), "repacked.tar.gz")
	if err := os.WriteFile(file, to.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// tarThrough returns a tar with a link, and a file behind that.
func tarThrough(t *testing.T, target string) []byte {
	t.Helper()
	var to bytes.Buffer
	w := tar.NewWriter(&to)
	err := errors.Join(
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: target}),
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "l/evil"}),
		w.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

// What is no archive, or leads out, or costs too much, is refused as the archive's fault, with the kinds that are taken
// or with what is wrong.
func TestA6_WhatIsNoArchiveIsRefused(t *testing.T) {
	outside := t.TempDir()
	kinds := "zip, jar, and tar, plain or compressed with gzip, bzip2, xz or zstd"
	plain := fixture(t, "kinds.tar")
	secret := kindsZip(t)
	secret[6] |= encrypted // of the first file itself
	secret[bytes.Index(secret, []byte("PK\x01\x02"))+8] |= encrypted
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing":             {nil, kinds},
		"text":                {[]byte("id,name\n1,one\n"), kinds},
		"long text":           {bytes.Repeat([]byte("id,name\n1,one\n"), 1000), kinds},
		"text.zip":            {bytes.Repeat([]byte("id,name\n1,one\n"), 1000), kinds},
		"text.tar.gz":         {[]byte("id,name\n1,one\n"), kinds},
		"compressed text":     {compressed(t, bytes.Repeat([]byte("id,name\n"), 1000), gzipTo), kinds},
		"half a zip":          {kindsZip(t)[:100], kinds},
		"half a tar":          {plain[:1800], "damaged"},
		"half an xz":          {fixture(t, "kinds.tar.xz")[:150], ""},
		"encrypted":           {secret, "password"},
		"large dictionary":    {fixture(t, "dictionary.tar.xz"), "64 MiB"},
		"large window":        {windowed(28, plain), "128 MiB"},
		"name above":          {zipped(t, entry{"../evil", 0o644, "x"}), "leads out"},
		"absolute name":       {zipped(t, entry{outside + "/evil", 0o644, "x"}), "leads out"},
		"name in between":     {zipped(t, entry{"a/../../evil", 0o644, "x"}), "leads out"},
		"long name":           {zipped(t, entry{strings.Repeat("a/", 3000), fs.ModeDir, ""}), "4096 bytes"},
		"device":              {zipped(t, entry{"null", fs.ModeDevice | 0o644, ""}), "neither file"},
		"long link":           {zipped(t, entry{"l", fs.ModeSymlink, strings.Repeat("x", 5000)}), "4096 bytes"},
		"too large":           {zipped(t, entry{"a", 0o644, strings.Repeat("x", 2<<20)}), "1 MiB"},
		"through a link":      {zipped(t, entry{"l", fs.ModeSymlink, outside}, entry{"l/evil", 0o644, "x"}), "l/evil"},
		"through a link, tar": {tarThrough(t, outside), "l/evil"},
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := unpackFor(t, t.Context(), file, filepath.Join(t.TempDir(), "to"), 1<<20)
		blamed := errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge)
		if !blamed || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Errorf("%d files were written outside", len(left))
	}
}

// A zip is no way to make an agent hold a list that does not fit into it.
func TestA6_AZipWithAHugeListIsRefused(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i := range 550 {
		header := &zip.FileHeader{Name: strings.Repeat("n", 1+i), Comment: strings.Repeat("c", 65_000)}
		if _, err := z.CreateHeader(header); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "huge.zip")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := unpackFor(t, t.Context(), file, filepath.Join(t.TempDir(), "to"), maxBytes)
	if !errs.Is(err, errs.TooLarge) || !strings.Contains(err.Error(), "32 MiB") {
		t.Errorf("got %v", err)
	}
}

// windowed returns bytes as a zstd of one block, which takes a window of 2 to the power of log bytes to unpack.
func windowed(log byte, plain []byte) []byte {
	const raw, last = 0, 1
	header := uint32(len(plain))<<3 | raw<<1 | last
	packed := []byte("\x28\xb5\x2f\xfd\x00")
	return append(append(packed, (log-10)<<3, byte(header), byte(header>>8), byte(header>>16)), plain...)
}

// What needs as much memory as is given is unpacked.
func TestA6_AZstdOfALargeWindowIsUnpacked(t *testing.T) {
	dir := t.TempDir()
	if err := Unpack(bytes.NewReader(windowed(27, fixture(t, "kinds.tar"))), dir); err != nil {
		t.Fatal(err)
	}
	if got := held(t, dir); !maps.Equal(got, content) {
		t.Errorf("unpacked are %q", got)
	}
}

// failing reads, and then its disk fails.
type failing struct{ io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = &fs.PathError{Op: "read", Path: "archive", Err: syscall.EIO}
	}
	return n, err
}

// A machine that cannot read an archive is not the archive's fault: another one may.
func TestA6_ADiskThatFailsIsNotTheArchivesFault(t *testing.T) {
	plain := fixture(t, "kinds.tar")
	for name, packed := range map[string][]byte{
		"at once":          nil,
		"in a tar":         plain[:1800],
		"in a gzip":        compressed(t, plain, gzipTo)[:150],
		"in a zstd":        compressed(t, plain, zstdTo)[:100],
		"in a bzip2":       fixture(t, "kinds.tar.bz2")[:100],
		"in an xz":         fixture(t, "kinds.tar.xz")[:150],
		"in a gzip's head": compressed(t, plain, gzipTo)[:8],
	} {
		if err := Unpack(failing{bytes.NewReader(packed)}, t.TempDir()); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v, want UNAVAILABLE", name, err)
		}
	}
}

// What is no file is not packed, and not waited for.
func TestA6_APipeIsNotPacked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "folder")
	if err := errors.Join(os.Mkdir(dir, 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600)); err != nil {
		t.Fatal(err)
	}
	var user *guest.User
	folder, err := user.Folder(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	_, err = PackFolder(t.Context(), folder, "folder", io.Discard, 1<<20)
	if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), "pipe") {
		t.Errorf("%v", err)
	}
}

// The last file of a name counts, and it is not written through a link of that name.
func TestA6_TheLastOfANameCounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "twice.zip")
	twice := zipped(t, entry{"data", 0o644, "data"}, entry{"x", fs.ModeSymlink, "data"}, entry{"x", 0o644, "last"})
	if err := os.WriteFile(file, twice, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "to")
	if _, err := unpackFor(t, t.Context(), file, dir, 1<<20); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"data": "-rw-r--r-- data", "x": "-rw-r--r-- last"}
	if got := held(t, dir); !maps.Equal(got, want) {
		t.Errorf("unpacked are %q", got)
	}
}
