package uploads

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/upload"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
)

const (
	// peerTime is how long the others have to bring a file from here.
	peerTime = 10 * time.Second
	// bringTime is how long it may take to bring one from another server: less, as somebody may wait for that.
	bringTime = 8 * time.Second
)

// Replicas are the files of all servers. Its methods may be called by many goroutines.
type Replicas struct {
	// Local is what this server keeps.
	Local *Store
	// Peers returns the servers that vote.
	Peers func() Voters

	bringing singleflight.Group // by file
}

// Voters are the servers that vote.
type Voters struct {
	Others   []grpc.ClientConnInterface // those that can be reached, without this server
	Self     bool                       // this server is one
	Majority int                        // how many are a majority; 0: this server does not know who votes
}

// selfCounted is 1 if this server is one of those that vote.
func (v Voters) selfCounted() int {
	if v.Self {
		return 1
	}
	return 0
}

// Spread returns once a majority of the servers keeps a file that is here. The others bring it when a job run names it.
func (r *Replicas) Spread(ctx context.Context, k Key) error {
	voters := r.Peers()
	if voters.Majority == 0 {
		return errs.New(errs.Unavailable, "cannot keep the file safely: this server does not know the others yet; try again")
	}
	if reached := voters.selfCounted() + len(voters.Others); reached < voters.Majority {
		return errs.New(errs.Unavailable,
			"cannot keep the file safely: this server knows of %d servers that vote, and %d are needed; try again",
			reached, voters.Majority)
	}
	answers := make(chan error, len(voters.Others))
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	for _, peer := range voters.Others {
		go func() { answers <- keepAt(ctx, peer, k) }()
	}
	kept := voters.selfCounted()
	var failures error
	for range voters.Others { // each of them answers, or its time is over
		err := <-answers
		if err == nil {
			kept++
		}
		if kept == voters.Majority {
			cancel() // who is slow is not waited for
		}
		failures = errors.Join(failures, err)
	}
	if kept < voters.Majority {
		return errs.New(errs.Unavailable,
			"cannot keep the file safely: %d servers that vote have it, and %d are needed; try again: %w",
			kept, voters.Majority, failures)
	}
	return nil
}

// keepAt has another server keep a file that is here.
func keepAt(ctx context.Context, peer grpc.ClientConnInterface, k Key) error {
	wanted := &peerv1.KeepUploadRequest{User: k.User, Digest: k.Digest[:]}
	_, err := peerv1.NewPeerServiceClient(peer).KeepUpload(ctx, wanted)
	return grpcerr.FromStatus(err)
}

// Ensure has a file here, from another server if need be, and notes that it is used. The error is NotFound if the
// servers that answer do not have it. Who asks for a file that is being brought waits for it, at most bringTime.
func (r *Replicas) Ensure(ctx context.Context, k Key) error {
	if r.Local.Use(k) {
		return nil
	}
	done := r.bringing.DoChan(k.name(), func() (any, error) {
		if r.Local.Use(k) {
			return nil, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bringTime) // others wait for it, too
		defer cancel()
		content, err := r.fetch(ctx, k)
		if err != nil {
			return nil, err
		}
		return nil, r.Local.Keep(k, int64(len(content)), bytes.NewReader(content))
	})
	select {
	case answer := <-done:
		return answer.Err
	case <-ctx.Done():
		return errs.New(errs.Unavailable, "cannot wait for the file with the SHA-256 %x: %w", k.Digest, ctx.Err())
	}
}

// Stream sends a file, from wherever it is.
func (r *Replicas) Stream(ctx context.Context, k Key, send func(part []byte) error) error {
	if !r.Local.Has(k) {
		if err := r.Ensure(ctx, k); err != nil {
			return err
		}
	}
	return r.Local.Stream(k, send)
}

// fetch returns a file from the first other server that sends it. All are asked at once, so that one that hangs holds
// up nobody; only one at a time sends more than a first chunk.
func (r *Replicas) fetch(ctx context.Context, k Key) (content []byte, err error) {
	voters := r.Peers()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan opened, len(voters.Others))
	for _, peer := range voters.Others {
		go func() { answers <- openAt(ctx, peer, k) }()
	}
	lack := voters.selfCounted() // so many never had it, or gave it up
	found := false
	for range voters.Others { // each of them answers, or its time is over
		answer := <-answers
		switch {
		case answer.err == nil && !found:
			if content, found = answer.read(k); found {
				cancel() // what the others would send is not read
			}
		case errs.Is(answer.err, errs.NotFound):
			lack++
		}
	}
	switch {
	case found:
		return content, nil
	case voters.Majority == 0 || lack < voters.Majority: // those that were not asked, or do not answer, may have it
		return nil, errs.New(errs.Unavailable,
			"cannot find the file of %s with the SHA-256 %x: %d servers say that they do not have it, and %d have to; "+
				"try again", k.User, k.Digest, lack, voters.Majority)
	}
	return nil, errs.New(errs.NotFound,
		"the servers keep no file of %s with the SHA-256 %x: nobody used it for too long, or it is of another user; "+
			"upload it again (`headrace job-run start --entry-point ./FILE`)", k.User, k.Digest)
}

// opened is a file that another server begins to send, or why it does not.
type opened struct {
	file *chunk.Reader
	err  error
}

// openAt asks another server for a file, and waits for the first chunk.
func openAt(ctx context.Context, peer grpc.ClientConnInterface, k Key) opened {
	wanted := &peerv1.FetchUploadRequest{User: k.User, Digest: k.Digest[:]}
	begin := func(ctx context.Context) (grpc.ServerStreamingClient[peerv1.FetchUploadResponse], error) {
		return peerv1.NewPeerServiceClient(peer).FetchUpload(ctx, wanted)
	}
	file, err := chunk.Open(ctx, begin, (*peerv1.FetchUploadResponse).GetChunk, func() {})
	return opened{file, noCopy(err)}
}

// read returns the file, and whether it came whole. One that is damaged did not, and says nothing of other copies.
func (o opened) read(k Key) (content []byte, whole bool) {
	defer func() { _ = o.file.Close() }()
	defer time.AfterFunc(bringTime/2, func() { _ = o.file.Close() }).Stop() // there is time for another one
	content, err := io.ReadAll(io.LimitReader(o.file, upload.MaxBytes+1))
	return content, err == nil && sha256.Sum256(content) == k.Digest
}

// noCopy is the error of a server that sent nothing. One of an older version keeps no files.
func noCopy(err error) error {
	if status.Code(err) == codes.Unimplemented {
		return errs.New(errs.NotFound, "a server of an older version keeps no uploaded files")
	}
	return grpcerr.FromStatus(err)
}
