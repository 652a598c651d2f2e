package spark

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/headrace/headrace/internal/atomicfile"
)

// plugin is what plugin/build.sh makes of the Java sources.
//
//go:embed plugin/headrace-spark.jar
var plugin []byte

// pluginTime is when the plug-in was last changed, for Java: an archive of class data is used with the very same file
// only.
var pluginTime = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// forAll are files that all workers of this node may read, whoever they run as.
var forAll = atomicfile.Options{Mode: 0o644}

// pluginDigest names the plug-in by what it is.
func pluginDigest() string {
	digest := sha256.Sum256(plugin)
	return hex.EncodeToString(digest[:8])
}

// installPlugin puts the plug-in where all workers of this node read it and none may change it, beside the releases,
// and returns its path. Agents that share the releases share it.
func (e *Engine) installPlugin() (string, error) {
	folder := filepath.Join(e.config.Store.Root(), ".plugin-"+pluginDigest())
	path := filepath.Join(folder, "headrace-spark.jar")
	e.mu.Lock()
	defer e.mu.Unlock()
	if content, err := os.ReadFile(path); err == nil && bytes.Equal(content, plugin) {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	return path, atomicfile.Write(path, forAll, func(made *os.File) error {
		_, err := made.Write(plugin)
		return errors.Join(err, os.Chtimes(made.Name(), pluginTime, pluginTime))
	})
}
