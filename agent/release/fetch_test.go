package release

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/headrace/headrace/internal/errs"
)

// sdist returns a tiny source archive of PySpark's form.
func sdist(t *testing.T) []byte {
	t.Helper()
	return archive(t, map[string]string{
		"pyspark-3.5.1/setup.py":                            "raise SystemExit('the archive must not run')",
		"pyspark-3.5.1/deps/jars/spark-core_2.12-3.5.1.jar": "core",
		"pyspark-3.5.1/deps/bin/spark-submit":               "#!/bin/sh",
		"pyspark-3.5.1/deps/examples/pi.py":                 "pi",
		"pyspark-3.5.1/lib/py4j-0.10.9.7-src.zip":           "zip",
		"pyspark-3.5.1/pyspark/__init__.py":                 "pyspark",
		"pyspark-3.5.1/PKG-INFO":                            "x",
	})
}

// archive returns a tar.gz of files; names that begin with @ are links to their content.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for name, content := range files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(content)), Mode: 0o755}
		if link, found := strings.CutPrefix(name, "@"); found {
			header = &tar.Header{Typeflag: tar.TypeSymlink, Name: link, Linkname: content}
			content = ""
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// registry is a Python whose pip copies an archive and counts its downloads.
type registry struct {
	t    *testing.T
	dir  string
	from sources
}

// newRegistry returns a registry; JAVA_HOME names a Java 17, so that none is fetched.
func newRegistry(t *testing.T, script string) *registry {
	t.Helper()
	r := &registry{t: t, dir: t.TempDir()}
	content := sdist(t)
	digest := sha256.Sum256(content)
	r.from = sources{spark: source{
		title: "Spark 3.5.1", project: "pyspark", version: "3.5.1", file: "pyspark-3.5.1.tar.gz",
		size: int64(len(content)), sha256: hex.EncodeToString(digest[:]),
	}}
	r.write("archive", string(content), 0o600)
	r.write("java/release", `JAVA_VERSION="17.0.9"`, 0o600)
	r.write("java/bin/java", "#!/bin/sh\n", 0o700)
	t.Setenv("JAVA_HOME", filepath.Join(r.dir, "java"))
	r.write("python3", "#!/bin/sh\nset -e\n[ \"$3\" = download ] || exit 0\n"+
		"echo run >> "+r.dir+"/runs\nfor last; do :; done\n"+script, 0o700)
	return r
}

func (r *registry) write(name, content string, mode os.FileMode) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		r.t.Fatal(err)
	}
}

// runs returns how often pip was asked to download.
func (r *registry) runs() int {
	content, _ := os.ReadFile(filepath.Join(r.dir, "runs"))
	return strings.Count(string(content), "run")
}

// fetch fetches into a folder of the registry.
func (r *registry) fetch() (Release, error) {
	return Fetch(r.t.Context(), FetchOptions{
		Label: "emr-7.2.0", Root: filepath.Join(r.dir, "root"),
		Python: filepath.Join(r.dir, "python3"), from: func(string) (sources, bool) { return r.from, true },
	})
}

const copyIt = `cp "$(dirname "$0")/archive" "$last/pyspark-3.5.1.tar.gz"` + "\n"

func TestFetch_MakesASparkHome(t *testing.T) {
	r := newRegistry(t, copyIt)
	made, err := r.fetch()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"jars/spark-core_2.12-3.5.1.jar", "bin/spark-submit", "examples/src/main/python/pi.py",
		"python/lib/py4j-0.10.9.7-src.zip", "python/lib/pyspark.zip", "python/pyspark/__init__.py",
	} {
		if _, err := os.Stat(filepath.Join(made.SparkHome, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(made.SparkHome, "setup.py")); err == nil {
		t.Error("the packaging's own files are there too")
	}
	if info, err := os.Stat(filepath.Join(made.SparkHome, "bin/spark-submit")); err != nil ||
		info.Mode().Perm()&0o100 == 0 {
		t.Errorf("spark-submit cannot be run: %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, "root", ".*.partial")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	if java, err := made.Java(t.Context()); java != filepath.Join(r.dir, "java") || made.JavaHome != "" {
		t.Errorf("Java in %q, %v", java, err)
	}
}

func TestFetch_FetchesOnceForManyAtATime(t *testing.T) {
	r := newRegistry(t, copyIt)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := r.fetch(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := r.fetch(); err != nil || r.runs() != 1 {
		t.Errorf("%d downloads, %v", r.runs(), err)
	}
}

func TestFetch_GoesOnFromAWholeArchiveAndCleansTheRest(t *testing.T) {
	r := newRegistry(t, "exit 1\n")
	partial := "root/.emr-7.2.0.partial/"
	r.write(partial+"pyspark-3.5.1.tar.gz", string(sdist(t)), 0o600)
	if digest, err := fileDigest(filepath.Join(r.dir, partial, "pyspark-3.5.1.tar.gz")); err != nil {
		t.Fatal(err)
	} else {
		r.from.spark.sha256 = hex.EncodeToString(digest)
	}
	r.write(partial+"made/spark/jars/half.jar", "half", 0o600)
	made, err := r.fetch()
	if err != nil || r.runs() != 0 {
		t.Fatalf("%d downloads, %v", r.runs(), err)
	}
	if _, err := os.Stat(filepath.Join(made.SparkHome, "jars", "half.jar")); err == nil {
		t.Error("what a broken try left is in the release")
	}
}

func TestFetch_ReplacesADamagedArchive(t *testing.T) {
	r := newRegistry(t, copyIt)
	r.write("root/.emr-7.2.0.partial/pyspark-3.5.1.tar.gz", "half of it", 0o600)
	if _, err := r.fetch(); err != nil || r.runs() != 1 {
		t.Errorf("%d downloads, %v", r.runs(), err)
	}
}

func TestFetch_NamesBothDigests(t *testing.T) {
	other := strings.Repeat("ab", 32)
	for name, script := range map[string]string{
		"pip notices": "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'; echo '     Got        " + other + "'; exit 1\n",
		"we notice":   `echo other > "$last/pyspark-3.5.1.tar.gz"` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t, script)
			want := other
			if name == "we notice" {
				want = fmt.Sprintf("%x", sha256.Sum256([]byte("other\n")))
			}
			_, err := r.fetch()
			if !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), r.from.spark.sha256) {
				t.Errorf("got %v", err)
			}
			if _, err := Find([]string{filepath.Join(r.dir, "root")}, "emr-7.2.0"); !errs.Is(err, errs.NotFound) {
				t.Errorf("a release is there: %v", err)
			}
		})
	}
}

func TestFetch_SaysWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct{ python, label, want string }{
		"python":  {python: "/no/such/python3", want: "python3-pip"},
		"pip":     {python: "nopip", want: "ensurepip"},
		"network": {python: "python3", want: "No matching distribution"},
		"label":   {label: "emr-6.6.0", want: "headrace release add"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry(t, "echo 'ERROR: No matching distribution found for pyspark==3.5.1' >&2; exit 1\n")
			r.write("nopip", "#!/bin/sh\necho 'No module named pip'; exit 1\n", 0o700)
			o := FetchOptions{Label: "emr-7.2.0", Root: r.dir, Python: c.python}
			o.from = func(string) (sources, bool) { return r.from, true }
			if !filepath.IsAbs(c.python) {
				o.Python = filepath.Join(r.dir, c.python)
			}
			if c.label != "" {
				o.Label, o.from = c.label, nil
			}
			if _, err := Fetch(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}
