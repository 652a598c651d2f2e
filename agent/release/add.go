package release

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/releases"
)

// maxArchive bounds a download, in bytes.
const maxArchive = 8 << 30

// AddOptions says where a distribution that somebody brings is to go.
type AddOptions struct {
	Label    string         // any; one of the table only for the Spark version of the table, or a vendor's build of it
	Root     string         // the directory of releases
	Progress func(Progress) // may be nil
}

// FromDirectory adds a Spark distribution from a directory, which it copies.
func FromDirectory(ctx context.Context, o AddOptions, dir string) (Release, error) {
	return o.add(ctx, func(s *stage) error {
		step := begin(o.Progress, "copy "+dir, 0)
		if err := os.CopyFS(s.path("made"), os.DirFS(dir)); err != nil {
			return errs.New(errs.Invalid, "cannot copy %s: %w", dir, err)
		}
		step.end()
		return nil
	})
}

// FromArchive adds a Spark distribution from a tar archive: plain, gzip or zstd.
func FromArchive(ctx context.Context, o AddOptions, archive string) (Release, error) {
	return o.add(ctx, func(s *stage) error { return o.unpack(archive, s) })
}

// FromURL adds a Spark distribution from a tar archive at an http or https address. The SHA-256, 64 hexadecimal digits,
// is that of the archive.
func FromURL(ctx context.Context, o AddOptions, url, sha256 string) (Release, error) {
	if digest, err := hex.DecodeString(sha256); err != nil || len(digest) != 32 {
		return Release{}, errs.Field("sha256", "%q is no SHA-256: 64 hexadecimal digits", sha256)
	}
	return o.add(ctx, func(s *stage) error {
		from := source{title: path.Base(url), file: path.Base(url), sha256: strings.ToLower(sha256)}
		archive := s.path("archive")
		if err := o.download(ctx, url, archive); err != nil {
			return err
		}
		if err := verify(archive, from); err != nil {
			return err
		}
		return o.unpack(archive, s)
	})
}

// unpack unpacks an archive into the stage.
func (o AddOptions) unpack(archive string, s *stage) error {
	f, err := os.Open(archive)
	if err != nil {
		return errs.New(errs.NotFound, "cannot read the archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	step := begin(o.Progress, "unpack "+filepath.Base(archive), 0)
	if err := Unpack(f, s.path("made")); err != nil {
		return err
	}
	step.end()
	return nil
}

// add makes the release from what fill puts into the stage's folder made.
func (o AddOptions) add(ctx context.Context, fill func(*stage) error) (Release, error) {
	s, err := openStage(ctx, o.Root, o.Label, o.Label)
	if err != nil {
		return Release{}, err
	}
	defer s.close()
	if found, err := Find([]string{o.Root}, o.Label); err == nil {
		return Release{}, errs.New(errs.WrongState,
			"cannot add release %s: this machine has it in %s, with Spark %s; give another label, or --replace to make "+
				"the label another release", o.Label, o.Root, found.EngineVersion)
	}
	if err := s.clean(); err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot clean the release cache: %w", err)
	}
	if err := fill(s); err != nil {
		return Release{}, err
	}
	sparkHome, version, err := recognise(s.path("made"))
	if err != nil {
		return Release{}, err
	}
	if known, ok := releases.Lookup(o.Label); ok && known.Spark != upstream(version) {
		return Release{}, errs.Field("release_label", "%s names Spark %s, this is Spark %s; give another label",
			o.Label, known.Spark, version)
	}
	return s.publish("made", Manifest{
		Label:         o.Label,
		Engine:        EngineSpark,
		EngineVersion: version,
		SparkHome:     sparkHome,
	})
}

// download writes what is at an address to a file.
func (o AddOptions) download(ctx context.Context, url, to string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errs.Field("url", "cannot download %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot download %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errs.New(errs.Unavailable, "cannot download %s: the answer is %s", url, response.Status)
	}
	step := begin(o.Progress, path.Base(url)+": download", max(response.ContentLength, 0))
	if err := write(to, response.Body, step); err != nil {
		return errs.New(errs.Unavailable, "cannot download %s: %w", url, err)
	}
	step.end()
	return nil
}

// write copies to a file and reports progress now and then.
func write(to string, from io.Reader, step *step) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	counted := &metered{step: step}
	n, err := io.Copy(io.MultiWriter(f, counted), io.LimitReader(from, maxArchive+1))
	if err == nil && n > maxArchive {
		err = errs.New(errs.TooLarge, "it is larger than %d GiB", maxArchive>>30)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// metered reports how much was written to it, at most twice a second.
type metered struct {
	step *step
	done int64
	told time.Time
}

// Write counts and reports.
func (m *metered) Write(p []byte) (int, error) {
	m.done += int64(len(p))
	if now := time.Now(); now.Sub(m.told) >= pollEvery {
		m.told = now
		m.step.at(m.done)
	}
	return len(p), nil
}
