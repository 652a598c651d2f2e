package engine

import (
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	"github.com/headrace/headrace/internal/backoff"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/every"
	"github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// How often an uploaded file is asked for while no server sends it, although one may have it: servers that were just
// started do not know each other yet. When they say that none has it, it is not asked for again.
const (
	uploadTries      = 5
	uploadPause      = 200 * time.Millisecond
	longestUploadGap = 2 * time.Second
)

// OpenUpload opens a file that a user uploaded, for a worker whose job run names it. The context covers the reading.
type OpenUpload func(ctx context.Context, workerID string, digest []byte) (io.ReadCloser, error)

// Put puts a file that a user uploaded into the working directory of a worker, with the worker's rights, and returns
// its name there.
func (open OpenUpload) Put(
	ctx context.Context, w *agentv1.AssignedWorker, home *runtime.Home, uri string, mode fs.FileMode,
) (name string, err error) {
	file, err := upload.Parse(uri)
	if err != nil {
		return "", Cannot(agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "%v", err)
	}
	content, err := open.fetch(ctx, w.GetWorkerId(), file)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) {
		return "", Cannot(agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND, "cannot fetch %s: %v", uri, err)
	}
	if err == nil {
		err = home.Work.WriteFile(file.Name, content, mode)
	}
	if err != nil {
		return "", Cannot(agentv1.ExitReason_EXIT_REASON_START_REFUSED, "cannot fetch %s: %v", uri, err)
	}
	return file.Name, nil
}

// fetch returns what a file holds. It asks again while the servers cannot say whether they have it.
func (open OpenUpload) fetch(ctx context.Context, workerID string, file upload.File) (content []byte, err error) {
	if open == nil {
		return nil, errs.New(errs.Unavailable, "this agent fetches no files from servers")
	}
	pauses := backoff.Doubling{First: uploadPause, Max: longestUploadGap}
	err = every.Try(ctx, uploadTries, pauses, again, func() error {
		content, err = open.once(ctx, workerID, file)
		return err
	})
	return content, err
}

// again says whether a repetition may cure an error.
func again(err error) bool {
	return !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Forbidden)
}

// once returns what a file holds, verified.
func (open OpenUpload) once(ctx context.Context, workerID string, file upload.File) ([]byte, error) {
	from, err := open(ctx, workerID, file.Digest[:])
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }()
	content, err := io.ReadAll(io.LimitReader(from, upload.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if got := sha256.Sum256(content); got != file.Digest {
		return nil, errs.New(errs.Unavailable,
			"the servers sent %d bytes with the SHA-256 %x: the file is damaged, or larger than %d bytes",
			len(content), got, upload.MaxBytes)
	}
	return content, nil
}
