package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/headrace/headrace/agent/release/machine"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// FetchOptions says what to get from the Python package registry.
type FetchOptions struct {
	Label    string         // such as emr-7.2.0
	Root     string         // the directory of releases; see DefaultCache
	Python   string         // the interpreter whose pip is used; empty: python3
	Progress func(Progress) // called by one goroutine at a time, may be nil
	// WithoutS3 leaves out the jars by which Spark reads and writes s3://, which come from the registry of jars.
	WithoutS3 bool

	from    func(label string) (sources, bool) // nil: pinned
	machine *machine.Machine                   // nil: this one
}

// Fetch returns the release once it is in the root, complete and verified; what is there is not fetched again. A second
// process that fetches the same label waits for the first. Errors are for people: they name what is missing and the
// next step.
func Fetch(ctx context.Context, f FetchOptions) (Release, error) {
	if f.from == nil {
		f.from = pinned
	}
	if f.machine == nil {
		f.machine = machine.New(machine.Config{})
	}
	from, known := f.from(f.Label)
	if !known {
		return Release{}, errs.Field("release_label",
			"cannot fetch %q, only %s; headrace release add takes a Spark distribution",
			f.Label, strings.Join(Fetchable(), ", "))
	}
	s, err := openStage(ctx, f.Root, f.Label, f.Label)
	if err != nil {
		return Release{}, err
	}
	defer s.close()
	if found, err := Find([]string{f.Root}, f.Label); err == nil {
		if from.s3 && !f.WithoutS3 && found.lacksS3() {
			return f.upgrade(ctx, s, found)
		}
		return found, nil
	}
	return f.make(ctx, s, from)
}

// make builds the release in the stage. Archives of an earlier try that are whole are used; all else is removed.
func (f FetchOptions) make(ctx context.Context, s *stage, from sources) (Release, error) {
	if err := s.clean(from.spark.file, from.java.file); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	m := Manifest{Label: f.Label, Engine: EngineSpark, EngineVersion: from.spark.version, SparkHome: "spark"}
	if err := f.bring(ctx, s, from.spark); err != nil {
		return Release{}, err
	}
	step := begin(f.Progress, from.spark.title+": unpack", 0)
	if err := unpackSpark(s.path(from.spark.file), s.path("made", "spark")); err != nil {
		return Release{}, err
	}
	step.end()
	if f.needsJava(ctx, from) {
		if err := f.addJava(ctx, s, from.java); err != nil {
			return Release{}, err
		}
		m.JavaHome = "java"
	}
	if from.s3 && !f.WithoutS3 {
		if err := f.makeS3(ctx, s, m); err != nil {
			return Release{}, err
		}
	}
	return s.publish("made", m)
}

// makeS3 adds the jars for s3:// to the release in the stage.
func (f FetchOptions) makeS3(ctx context.Context, s *stage, m Manifest) error {
	r := Release{Label: m.Label, EngineVersion: m.EngineVersion, SparkHome: s.path("made", m.SparkHome)}
	if m.JavaHome != "" {
		r.JavaHome = s.path("made", m.JavaHome)
	}
	java, err := r.JavaOn(ctx, f.machine)
	if err != nil {
		return err
	}
	folder, err := f.addS3(ctx, s, r, java)
	if err != nil {
		return err
	}
	return os.Rename(folder, s.path("made", s3Folder))
}

// needsJava says whether the machine has no Java for that Spark.
func (f FetchOptions) needsJava(ctx context.Context, from sources) bool {
	_, err := machineJava(ctx, f.machine, releases.ForSpark(f.Label, from.spark.version))
	return err != nil
}

// addJava adds a Java runtime to the release.
func (f FetchOptions) addJava(ctx context.Context, s *stage, from source) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		_, err := machineJava(ctx, f.machine, releases.ForSpark(f.Label, ""))
		return errs.New(errs.Unavailable, "cannot fetch Java for %s/%s: %w", runtime.GOOS, runtime.GOARCH, err)
	}
	if err := f.bring(ctx, s, from); err != nil {
		return err
	}
	return unpackJava(ctx, s.path(from.file), s.path("made", "java"))
}

// bring downloads an archive into the stage unless it is there, whole.
func (f FetchOptions) bring(ctx context.Context, s *stage, from source) error {
	if verify(s.path(from.file), from) == nil {
		return nil
	}
	_ = os.Remove(s.path(from.file))
	work := s.path("pip-" + from.project)
	if err := os.MkdirAll(work, 0o755); err != nil {
		return errs.New(errs.Unavailable, "cannot write to the release cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	p := pip{python: f.Python, work: work}
	if err := p.check(ctx); err != nil {
		return err
	}
	if err := p.download(ctx, from, s.dir(), f.Progress); err != nil {
		return err
	}
	return verify(s.path(from.file), from)
}

// verify checks the digest of a downloaded archive.
func verify(path string, from source) error {
	got, err := fileDigest(path)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot read the archive: %w", err)
	}
	if hex.EncodeToString(got) != from.sha256 {
		return digestError(from.file, from.sha256, hex.EncodeToString(got))
	}
	return nil
}

// fileDigest returns the SHA-256 of a file.
func fileDigest(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}
