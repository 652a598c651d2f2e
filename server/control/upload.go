package control

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/upload"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
	"github.com/headrace/headrace/server/caller"
	"github.com/headrace/headrace/server/uploads"
)

// Bounds of uploads of files.
const (
	maxUploads       = 16 // under way at once
	maxUploadsOfUser = 4
	uploadTime       = 2 * time.Minute // of one, from its header to its last byte
)

// incoming is how a file arrives: its header first, then its bytes.
type incoming = grpc.ClientStreamingServer[controlv1.UploadFileRequest, controlv1.UploadFileResponse]

// UploadFile keeps a file of the caller's on a majority of the servers. A file that this server has already is not read
// again.
func (j *jobRuns) UploadFile(stream incoming) error {
	first, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return errNoHeader
	}
	if err != nil {
		return err
	}
	ctx := stream.Context()
	user := caller.Of(ctx).User
	file, err := fileOf(first.GetHeader())
	if err != nil {
		return err
	}
	key := uploads.Key{User: user, Digest: file.Digest}
	if !j.cfg.Uploads.Local.Use(key) {
		if err := j.receive(stream, key, first.GetHeader().GetSizeBytes()); err != nil {
			return err
		}
	}
	if err := j.cfg.Uploads.Spread(ctx, key); err != nil {
		return err
	}
	return stream.SendAndClose(&controlv1.UploadFileResponse{Uri: file.URI(), CreatedBy: user})
}

// errNoHeader refuses an upload that does not say what comes.
var errNoHeader = errs.New(errs.Invalid, "an upload begins with its header")

// fileOf returns the file that a header announces.
func fileOf(h *controlv1.UploadFileHeader) (file upload.File, err error) {
	switch {
	case h == nil:
		return file, errNoHeader
	case len(h.GetDigest()) != sha256.Size:
		return file, errs.Field("digest", "a SHA-256 has %d bytes, not %d", sha256.Size, len(h.GetDigest()))
	case h.GetSizeBytes() < 0:
		return file, errs.Field("size_bytes", "a file has no %d bytes", h.GetSizeBytes())
	case h.GetSizeBytes() > upload.MaxBytes:
		return file, errs.Field("size_bytes", "cannot take a file of %d bytes: the most is %d; put it where nodes reach "+
			"it, such as s3://", h.GetSizeBytes(), upload.MaxBytes)
	}
	if err := upload.CheckName(h.GetName()); err != nil {
		return file, errs.Field("name", "%w", err)
	}
	return upload.File{Digest: [sha256.Size]byte(h.GetDigest()), Name: h.GetName()}, nil
}

// receive takes the bytes of a file. Who sends them may be slow, or silent: what waits for them is given up after
// uploadTime, and ends with the stream, which the handler's return ends.
func (j *jobRuns) receive(stream incoming, key uploads.Key, size int64) error {
	leave := j.uploads.Take(key.User)
	if leave == nil {
		all, each := j.uploads.Bounds()
		return errs.New(errs.Overloaded,
			"cannot take another upload now: this server takes %d at once, and %d of one user; try again", all, each)
	}
	kept := make(chan error, 1)
	go func() {
		defer leave()
		from := &chunk.Reader{Next: chunk.Of(stream.Recv, (*controlv1.UploadFileRequest).GetChunk)}
		kept <- j.cfg.Uploads.Local.Keep(key, size, from)
	}()
	timer := time.NewTimer(uploadTime)
	defer timer.Stop()
	select {
	case err := <-kept:
		return err
	case <-timer.C:
		return errs.New(errs.Invalid, "cannot wait longer than %s for the bytes of an upload", uploadTime)
	}
}

// ensureUploads holds that the servers keep the files of the caller that a submission names. They stay for a while
// then, until the log has the job run.
func (c *Control) ensureUploads(ctx context.Context, said *specv1.JobRun) error {
	for _, file := range upload.Files(said) {
		key := uploads.Key{User: caller.Of(ctx).User, Digest: file.Digest}
		err := c.cfg.Uploads.Ensure(ctx, key)
		if errs.Is(err, errs.NotFound) {
			return errs.Field(file.Field, "cannot use %s: %w", file.Name, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
