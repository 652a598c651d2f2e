package release

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// distribution is a tiny Spark distribution in a folder of its own, as archives have it.
var distribution = map[string]string{
	"spark-3.4.9-bin/jars/spark-core_2.13-3.4.9.jar": "core", "spark-3.4.9-bin/bin/spark-submit": "#!/bin/sh",
}

func TestUnpack_StaysInside(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"name above":         {"../evil": "x"},
		"name in the middle": {"a/../../evil": "x"},
		"absolute name":      {"/evil": "x"},
		"absolute link":      {"@link": "/etc"},
		"link above":         {"@a/link": "../../x"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "in")
			if err := Unpack(bytes.NewReader(archive(t, files)), dir); !errs.Is(err, errs.Invalid) {
				t.Errorf("got %v", err)
			}
			if _, err := os.Lstat(filepath.Join(filepath.Dir(dir), "evil")); err == nil {
				t.Error("a file was written outside")
			}
		})
	}
}

func TestUnpack_DoesNotFollowALinkThatWasThere(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "a")); err != nil {
		t.Fatal(err)
	}
	if err := Unpack(bytes.NewReader(archive(t, map[string]string{"a/file": "x"})), dir); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Error("a file was written outside")
	}
}

func TestUnpackFile_KeepsLinksOfAUsersArchiveButWritesNothingThroughThem(t *testing.T) {
	outside := t.TempDir()
	for name, files := range map[string]map[string]string{
		"ok":      {"@bin/python": "/usr/bin/python3", "bin/x": "1"},
		"through": {"@out": outside, "out/file": "x"},
	} {
		file := filepath.Join(t.TempDir(), "environment.tar.gz")
		if err := os.WriteFile(file, archive(t, files), 0o600); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "environment")
		if _, err := unpackFor(t, t.Context(), file, dir, maxBytes); name == "ok" && err != nil {
			t.Error(err)
		}
		if target, err := os.Readlink(filepath.Join(dir, "bin", "python")); name == "ok" && target != "/usr/bin/python3" {
			t.Errorf("the link leads to %q, %v", target, err)
		}
	}
	if left, _ := os.ReadDir(outside); len(left) != 0 {
		t.Error("a file was written outside")
	}
}

// unpackFor unpacks a user's archive into a folder of this test's own user.
func unpackFor(t *testing.T, ctx context.Context, archive, dir string, limit int64) (int64, error) {
	t.Helper()
	var user *guest.User
	file, err := user.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	folder, err := user.Folder(filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	return UnpackFile(ctx, file, folder, filepath.Base(dir), limit)
}

func TestUnpackFile_WritesNoMoreThanItMay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "environment.tgz")
	if err := os.WriteFile(file, archive(t, map[string]string{"a": "123456", "b": "123456"}), 0o600); err != nil {
		t.Fatal(err)
	}
	for limit, ok := range map[int64]bool{12: true, 11: false, 0: false} {
		written, err := unpackFor(t, t.Context(), file, t.TempDir(), limit)
		if ok && (err != nil || written != 12) || !ok && !errs.Is(err, errs.TooLarge) {
			t.Errorf("at most %d bytes: %d, %v", limit, written, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if written, err := unpackFor(t, ended, file, t.TempDir(), 12); err == nil || written != 0 {
		t.Errorf("nobody waits any more: %d, %v", written, err)
	}
}

func TestUnpack_RefusesRubbish(t *testing.T) {
	for _, content := range []string{"", "rubbish that is no archive at all", "\x1f\x8b\x08 half"} {
		if err := Unpack(strings.NewReader(content), t.TempDir()); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: got %v", content, err)
		}
	}
}

func TestPack_GivesTheSameArchiveForTheSameFiles(t *testing.T) {
	dir := t.TempDir()
	packed := archive(t, map[string]string{"b/c": "1", "a": "2", "@b/link": "../a"})
	if err := Unpack(bytes.NewReader(packed), dir); err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	digest, size, err := Pack(dir, &first)
	if err != nil || size != int64(first.Len()) {
		t.Fatalf("%d of %d bytes, %v", size, first.Len(), err)
	}
	copied := t.TempDir()
	if err := Unpack(&first, copied); err != nil {
		t.Fatal(err)
	}
	again, _, err := Pack(copied, &second)
	if err != nil || !bytes.Equal(digest, again) {
		t.Errorf("digests %x and %x, %v", digest, again, err)
	}
	if target, err := os.Readlink(filepath.Join(copied, "b", "link")); target != "../a" {
		t.Errorf("the link leads to %q, %v", target, err)
	}
}

func TestAdd_RecognisesADistribution(t *testing.T) {
	packed := archive(t, distribution)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(packed) }))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "spark.tgz")
	if err := os.WriteFile(file, packed, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Unpack(bytes.NewReader(packed), dir); err != nil {
		t.Fatal(err)
	}
	digest, err := fileDigest(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, add := range map[string]func(AddOptions) (Release, error){
		"archive": func(o AddOptions) (Release, error) { return FromArchive(t.Context(), o, file) },
		"directory": func(o AddOptions) (Release, error) {
			return FromDirectory(t.Context(), o, filepath.Join(dir, "spark-3.4.9-bin"))
		},
		"address": func(o AddOptions) (Release, error) {
			return FromURL(t.Context(), o, server.URL+"/spark.tgz", hexOf(digest))
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := AddOptions{Label: "our-spark", Root: t.TempDir()}
			made, err := add(o)
			if err != nil || made.EngineVersion != "3.4.9" {
				t.Fatalf("got %+v, %v", made, err)
			}
			if _, err := os.Stat(filepath.Join(made.SparkHome, "bin", "spark-submit")); err != nil {
				t.Error(err)
			}
			if all := List([]string{o.Root}); len(all) != 1 || all[0] != made {
				t.Errorf("listed %+v", all)
			}
			if _, err := add(o); !errs.Is(err, errs.WrongState) {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestAdd_KnowsTheVersionOfVendorsBuilds(t *testing.T) {
	for name, c := range map[string]struct {
		label, version string
		python         bool // whether it can use Python 3.12
		files          map[string]string
	}{
		"vendor": {"emr-7.2.0", "3.5.1-amzn-0", true, map[string]string{"jars/spark-core_2.12-3.5.1-amzn-0.jar": "x"}},
		"RELEASE": {"our-spark", "3.4.2", false, map[string]string{
			"s/jars/spark-core.jar": "x",
			"s/RELEASE":             "Spark 3.4.2 (git revision 0c0e7d4) built for Hadoop 3.3.4\n",
		}},
		"preview": {"next", "4.0.0-preview1", true, map[string]string{"s/jars/spark-core_2.13-4.0.0-preview1.jar": "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.tgz")
			if err := os.WriteFile(path, archive(t, c.files), 0o600); err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			made, err := FromArchive(t.Context(), AddOptions{Label: c.label, Root: root}, path)
			if err != nil || made.EngineVersion != c.version || made.Can().CanUsePython("3.12.1") != c.python {
				t.Errorf("got %+v, %v", made, err)
			}
			if found, err := Find([]string{root}, c.label); err != nil || found != made {
				t.Errorf("found %+v, %v", found, err)
			}
		})
	}
}

func TestAdd_RefusesWhatDoesNotFit(t *testing.T) {
	write := func(files map[string]string) string {
		path := filepath.Join(t.TempDir(), "a.tgz")
		if err := os.WriteFile(path, archive(t, files), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	mute := write(map[string]string{"jars/spark-core.jar": "x", "RELEASE": "Hadoop 3.3"})
	two := write(map[string]string{"jars/spark-core_2.12-3.5.1.jar": "x", "jars/spark-core_2.12-3.5.0.jar": "x"})
	spark, other := write(distribution), write(map[string]string{"readme": "x"})
	for name, c := range map[string]struct{ label, path, want string }{
		"no spark":      {"our-spark", other, "spark-core_*.jar"},
		"no version":    {"our-spark", mute, "neither the name of jars/spark-core.jar nor a file RELEASE"},
		"two versions":  {"our-spark", two, "or several"},
		"other version": {"emr-7.2.0", spark, "Spark 3.5.1"},
		"bad label":     {"../up", spark, "no release label"},
		"no file":       {"our-spark", "/no/such/file", "/no/such/file"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			_, err := FromArchive(t.Context(), AddOptions{Label: c.label, Root: root}, c.path)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
			if all := List([]string{root}); len(all) != 0 {
				t.Errorf("listed %+v", all)
			}
		})
	}
	wrong := strings.Repeat("0", 64)
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) }
	server := httptest.NewServer(http.HandlerFunc(answer))
	defer server.Close()
	if _, err := FromURL(t.Context(), AddOptions{Label: "our-spark", Root: t.TempDir()}, server.URL, wrong); err == nil ||
		!strings.Contains(err.Error(), wrong) {
		t.Errorf("wrong digest: %v", err)
	}
}
