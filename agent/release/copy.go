package release

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
)

// bring completes the archive's copy, taking it up again where it broke, and checks its digest.
func (s *Store) bring(ctx context.Context, stage *stage, archive string, digest []byte) error {
	path := stage.path(archive)
	copied := func(bytes int64) {
		if s.config.Copying != nil {
			s.config.Copying.SetCopy(stage.label, digest, bytes)
		}
	}
	pauses := backoff.Doubling{First: fetchPause, Max: maxFetchPause}
	err := every.Try(ctx, fetchTries, pauses, func(error) bool { return true }, func() error {
		return s.more(ctx, path, digest, copied)
	})
	if err != nil {
		return errs.New(errs.Unavailable, "cannot copy the release from the servers' cache: %w", err)
	}
	got, err := fileDigest(path)
	if err != nil {
		return errs.New(errs.Unavailable, "cannot read the copied release: %w", err)
	}
	if !bytes.Equal(got, digest) {
		_ = os.Remove(path)
		return digestError("the copied release", hex.EncodeToString(digest), hex.EncodeToString(got))
	}
	return nil
}

// more appends to the archive's copy what is missing of it, and tells how much is there.
func (s *Store) more(ctx context.Context, path string, digest []byte, copied func(bytes int64)) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	from, err := s.config.Fetch(ctx, digest, info.Size())
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	counted := &metered{step: &step{tell: func(p Progress) { copied(p.Done) }}, done: info.Size()}
	_, err = io.Copy(io.MultiWriter(f, counted), io.LimitReader(from, maxArchive-info.Size()))
	copied(counted.done)
	return err
}

// install unpacks the copied archive, which holds a whole release with its manifest.
func (s *Store) install(stage *stage, archive string) (Release, error) {
	f, err := os.Open(archive)
	if err != nil {
		return Release{}, errs.New(errs.Unavailable, "cannot read the copied release: %w", err)
	}
	defer func() { _ = f.Close() }()
	if err := Unpack(f, stage.path(stage.folder)); err != nil {
		return Release{}, err
	}
	found, err := read(stage.path(stage.folder))
	if err == nil && found.Label != stage.label {
		err = errs.New(errs.Invalid, "it is %s", found.Label)
	}
	if err != nil {
		return Release{}, errs.New(errs.Invalid, "the servers' archive is not release %s: %w", stage.label, err)
	}
	return stage.rename(stage.path(stage.folder))
}
