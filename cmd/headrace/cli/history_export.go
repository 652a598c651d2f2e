package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/client"
	"github.com/headrace/headrace/cmd/headrace/output"
	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

func exportHistory(s *shared) *cobra.Command {
	var after string
	c := &cobra.Command{
		Use:   "export DIRECTORY",
		Short: "Copy the history's Parquet files that a directory lacks",
		Long: "Copy the history's Parquet files that a directory lacks, which is made.\n\n" +
			"A file has the job runs of all users, so only an operator may copy it. It never changes: repeat the\n" +
			"command to bring what is new.",
		Args:    Takes("DIRECTORY"),
		Example: "  headrace history export ./history --ended-after 720h",
		RunE: func(c *cobra.Command, args []string) error {
			const doing = "export history"
			since, err := timeOf("ended-after", after, s.Now())
			if err != nil {
				return fail(doing, err)
			}
			return s.call(doing, func(cl *client.Client) error {
				e := &exporter{shared: s, cl: cl, dir: args[0]}
				if since != nil {
					e.since = since.AsTime()
				}
				return fail(doing, e.run(c.Context()))
			})
		},
	}
	c.Flags().StringVar(&after, "ended-after", "",
		"only files with job runs that ended after this time: 2026-03-14T15:00:00Z, 2026-03-14, or 24h for a day ago")
	return c
}

// exporter copies segments into a directory.
type exporter struct {
	*shared
	cl    *client.Client
	dir   string
	since time.Time

	files, runs, there int64
}

// exported says how files of a segment are made: whoever reads the directory leaves out those that begin with a dot.
// They have the runs of all users, so they are readable for who exports them.
var exported = atomicfile.Options{Prefix: ".headrace-export-", Mode: 0o600, Sync: true}

const (
	// abandoned is the age from which on an unfinished file is one of an export that ended on the way.
	abandoned = time.Hour
	// maxToldFailures bounds the files of which it is told why they could not be copied.
	maxToldFailures = 16
)

func (e *exporter) run(ctx context.Context) error {
	if err := os.MkdirAll(e.dir, 0o750); err != nil {
		return badArgument("DIRECTORY", err)
	}
	if err := atomicfile.RemoveUnfinishedBefore(e.dir, exported, e.Now().Add(-abandoned)); err != nil {
		return badArgument("DIRECTORY", err)
	}
	all, err := segments(ctx, e.cl)
	if err != nil {
		return err
	}
	err = e.bringAll(ctx, all.GetSegments())
	return errors.Join(e.tell(), err)
}

// bringAll copies segments, the oldest first. One that cannot be copied holds up no other; one that is no more in the
// history when its turn comes is left out.
func (e *exporter) bringAll(ctx context.Context, segments []*controlv1.Segment) error {
	var failures []error
	for _, segment := range slices.Backward(segments) {
		if !segment.GetLastEndedAt().AsTime().After(e.since) {
			continue
		}
		err := e.bring(ctx, segment)
		switch {
		case err == nil || errs.Is(err, errs.NotFound):
		case ctx.Err() != nil || errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Unauthorized):
			return err // it is the same for all
		default:
			failures = append(failures, err)
		}
	}
	return joined(failures)
}

// joined is all failures as one error, of the kind of the first.
func joined(failures []error) error {
	switch n := len(failures); {
	case n == 0:
		return nil
	case n == 1:
		return failures[0]
	default:
		return errs.New(errs.KindOf(failures[0]), "%d files could not be copied: %w", n,
			errors.Join(failures[:min(n, maxToldFailures)]...))
	}
}

// tell says what was copied.
func (e *exporter) tell() error {
	if e.format == "json" {
		return output.JSONValue(e.Out, map[string]any{
			"directory": e.dir, "job_runs": e.runs, "files": e.files, "files_there": e.there,
		})
	}
	return output.Line(e.Out, "%d job runs in %d files copied to %s; %d files were there", e.runs, e.files, e.dir, e.there)
}

func badArgument(word string, err error) error {
	return errs.New(errs.Invalid, "cannot use %s: %w", word, err)
}

// segmentName is what a digest looks like: it becomes a part of a file's name.
var segmentName = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (e *exporter) bring(ctx context.Context, segment *controlv1.Segment) error {
	digest := segment.GetDigest()
	if !segmentName.MatchString(digest) {
		return errs.New(errs.Internal, "the cluster names a segment %.80q, which is no SHA-256", digest)
	}
	day := segment.GetLastEndedAt().AsTime().UTC().Format(time.DateOnly)
	path := filepath.Join(e.dir, fmt.Sprintf("%s-%s.parquet", day, digest[:16]))
	if info, err := os.Stat(path); err == nil && info.Size() == segment.GetSizeBytes() {
		e.there++
		return nil
	}
	err := e.cl.Retry(ctx, func(alive func()) error {
		return atomicfile.Write(path, exported, func(file *os.File) error { return e.copy(ctx, digest, file, alive) })
	})
	if err == nil {
		e.files++
		e.runs += segment.GetJobRuns()
	}
	return err
}

// copy writes a segment, and holds that it is the one that was asked for.
func (e *exporter) copy(ctx context.Context, digest string, to io.Writer, alive func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the stream ends with it
	stream, err := histories(e.cl).ReadSegment(ctx, &controlv1.ReadSegmentRequest{Digest: digest})
	if err != nil {
		return err
	}
	next := chunk.Of(stream.Recv, (*controlv1.ReadSegmentResponse).GetData)
	from := &chunk.Reader{Next: func() ([]byte, error) {
		part, err := next()
		if err == nil {
			alive()
		}
		return part, err
	}}
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, hash), from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != digest {
		return errs.New(errs.Unavailable, "what came for segment %s has the SHA-256 %s", digest, got)
	}
	return nil
}
