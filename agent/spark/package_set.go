package spark

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
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

// packageSet is the jars that packages were resolved to, in the order of the class path, in a folder that all workers
// may read.
type packageSet struct {
	dir  string
	jars []packageJar
}

// openPackageSet opens the set in a folder, and notes that it is used. Nobody removes it until what keeps it is closed.
func openPackageSet(dir string) (set packageSet, keeps *os.File, err error) {
	keeps, err = os.Open(filepath.Join(dir, manifestFile))
	if err != nil {
		return packageSet{}, nil, err
	}
	if set, err = readPackageSet(dir, keeps); err != nil {
		return packageSet{}, nil, errors.Join(err, keeps.Close())
	}
	return set, keeps, nil
}

// readPackageSet reads a set by its manifest, which it locks.
func readPackageSet(dir string, manifest *os.File) (packageSet, error) {
	if err := unix.Flock(int(manifest.Fd()), unix.LOCK_SH); err != nil { // whoever removes a set has it for a moment
		return packageSet{}, err
	}
	if _, err := os.Stat(manifest.Name()); err != nil { // it was removed meanwhile
		return packageSet{}, err
	}
	touch(manifest.Name())
	content, err := io.ReadAll(io.LimitReader(manifest, maxManifest))
	if err != nil {
		return packageSet{}, err
	}
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
		return nil, fmt.Errorf("cannot take the packages: %d jars of %d bytes are more than %d of %d",
			len(jars), size, maxPackageJars, maxPackageBytes)
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
