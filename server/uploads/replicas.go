package uploads

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/internal/chunk"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/upload"
	peerv1 "github.com/headrace/headrace/proto/headrace/peer/v1"
	"github.com/headrace/headrace/server/copies"
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
	Peers func() copies.Voters

	once copies.Once
}

// Spread returns once a majority of the servers keeps a file that is here. The others bring it when a job run names it.
func (r *Replicas) Spread(ctx context.Context, k Key) error {
	voters := r.Peers()
	return voters.Spread(ctx, "the file", voters.Majority, peerTime,
		func(ctx context.Context, peer grpc.ClientConnInterface) error { return keepAt(ctx, peer, k) })
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
	file := copies.File{
		Name: k.name(),
		What: fmt.Sprintf("the file with the SHA-256 %x", k.Digest),
		Here: func() bool { return r.Local.Use(k) },
	}
	return r.once.Do(ctx, file, bringTime, func(ctx context.Context) error {
		content, err := r.fetch(ctx, k)
		if err != nil {
			return err
		}
		return r.Local.Keep(k, int64(len(content)), bytes.NewReader(content))
	})
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
	lack := voters.SelfCounted() // so many never had it, or gave it up
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
	return opened{file, copies.NoCopy(err, "uploaded files")}
}

// read returns the file, and whether it came whole. One that is damaged did not, and says nothing of other copies.
func (o opened) read(k Key) (content []byte, whole bool) {
	defer func() { _ = o.file.Close() }()
	defer time.AfterFunc(bringTime/2, func() { _ = o.file.Close() }).Stop() // there is time for another one
	content, err := io.ReadAll(io.LimitReader(o.file, upload.MaxBytes+1))
	return content, err == nil && sha256.Sum256(content) == k.Digest
}
