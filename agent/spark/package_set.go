package spark

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// manifestFile names the jars of a set. It is written last: a folder without one is no set.
const manifestFile = "manifest.json"

// Bounds of a set.
const (
	maxPackageJars  = 1000
	maxPackageBytes = 2 << 30 // unpacked
	maxManifest     = 1 << 20
)

// packageJar is a jar of a set.
type packageJar struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// packageSet is the jars that packages were resolved to, in the order of the class path, in a folder that all workers may read.
type packageSet struct {
	dir  string
	jars []packageJar
}

// openPackageSet opens the set in a folder, and notes that it is used.
func openPackageSet(dir string) (packageSet, error) {
	content, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return packageSet{}, err
	}
	touch(filepath.Join(dir, manifestFile))
	jars, err := readManifest(content)
	return packageSet{dir: dir, jars: jars}, err
}

// readManifest reads and checks a manifest.
func readManifest(content []byte) (jars []packageJar, err error) {
	if err := json.Unmarshal(content, &jars); err != nil {
		return nil, fmt.Errorf("cannot read the manifest of packages: %w", err)
	}
	var size int64
	for _, jar := range jars {
		if !validJar(jar.Name) || jar.Size < 0 {
			return nil, fmt.Errorf("cannot take the packages: %q is no name of a jar", jar.Name)
		}
		size += jar.Size
	}
	if len(jars) > maxPackageJars || size > maxPackageBytes {
		return nil, fmt.Errorf("cannot take the packages: %d jars of %d bytes are more than %d of %d", len(jars), size, maxPackageJars, maxPackageBytes)
	}
	return jars, nil
}

func validJar(name string) bool {
	return filepath.Base(name) == name && filepath.IsLocal(name) && strings.HasSuffix(name, ".jar")
}

// makePackageSet makes a set of jars that lie in its folder.
func makePackageSet(dir string, names []string) error {
	jars := make([]packageJar, 0, len(names))
	for _, name := range names {
		sum, size, err := digestOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		jars = append(jars, packageJar{Name: name, SHA256: sum, Size: size})
	}
	content, err := json.MarshalIndent(jars, "", "  ")
	if err != nil {
		return err
	}
	if _, err := readManifest(content); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), content, 0o644) //nolint:gosec // workers of another user read it
}

func digestOf(path string) (sum string, size int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	size, err = io.Copy(hash, file)
	return hex.EncodeToString(hash.Sum(nil)), size, err
}

// uris returns the jars as Spark wants them.
func (s packageSet) uris() []string {
	uris := make([]string, 0, len(s.jars))
	for _, jar := range s.jars {
		uris = append(uris, "file://"+filepath.Join(s.dir, jar.Name))
	}
	return uris
}

// write writes the set as an archive: the manifest, then the jars.
func (s packageSet) write(to io.Writer) error {
	out := tar.NewWriter(to)
	names := []string{manifestFile}
	for _, jar := range s.jars {
		names = append(names, jar.Name)
	}
	for _, name := range names {
		if err := writeEntry(out, filepath.Join(s.dir, name), name); err != nil {
			return err
		}
	}
	return out.Close()
}

func writeEntry(out *tar.Writer, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return err
}

// unpackSet unpacks an archive into a folder. What the manifest does not name, or names with another digest, is refused.
func unpackSet(from io.Reader, dir string) error {
	in := tar.NewReader(from)
	first, err := in.Next()
	if err != nil || first.Name != manifestFile || first.Size > maxManifest {
		return errors.Join(errors.New("cannot take the packages: the archive does not begin with a manifest"), err)
	}
	content, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	jars, err := readManifest(content)
	if err != nil {
		return err
	}
	for _, jar := range jars {
		if err := unpackJar(in, dir, jar); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), content, 0o644) //nolint:gosec // as above
}

func unpackJar(in *tar.Reader, dir string, jar packageJar) error {
	header, err := in.Next()
	if err != nil || header.Name != jar.Name || header.Size != jar.Size {
		return errors.Join(fmt.Errorf("cannot take the packages: %s is not where the manifest has it", jar.Name), err)
	}
	file, err := os.OpenFile(filepath.Join(dir, jar.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // as above
	if err != nil {
		return err
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, hash), in)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != jar.SHA256 {
		return fmt.Errorf("cannot take the packages: %s has the SHA-256 %s, not %s", jar.Name, sum, jar.SHA256)
	}
	return nil
}
