package dispatch

import (
	"slices"

	"google.golang.org/grpc"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/grpcerr"
	"github.com/headrace/headrace/internal/upload"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/uploads"
)

// FetchUpload streams a file that a user uploaded to the node of a worker whose run names it. Whose file it is follows
// from the run, so a node reads what runs on it are given, and nothing else.
func (d *Dispatch) FetchUpload(
	r *agentv1.FetchUploadRequest,
	stream grpc.ServerStreamingServer[agentv1.FetchUploadResponse],
) error {
	var key uploads.Key
	err := d.admit(stream.Context(), func(view *state.View, node *state.Node) (err error) {
		key, err = uploadFor(view, node, r)
		return err
	})
	if err != nil {
		return grpcerr.ToStatus(err)
	}
	send := func(chunk []byte) error { return stream.Send(&agentv1.FetchUploadResponse{Chunk: chunk}) }
	return grpcerr.ToStatus(d.cfg.Uploads.Stream(stream.Context(), key, send))
}

// uploadFor returns the file that a node asks for, if one of its workers is to have it.
func uploadFor(view *state.View, node *state.Node, r *agentv1.FetchUploadRequest) (uploads.Key, error) {
	worker := view.Worker(r.GetWorkerId())
	if worker == nil {
		return uploads.Key{}, errs.New(errs.NotFound,
			"cannot send a file for worker %.80q: there is no such worker", r.GetWorkerId())
	}
	if worker.Node != node.ID || !worker.Live() {
		return uploads.Key{}, errs.New(errs.Forbidden,
			"cannot send a file for worker %s to node %s: the worker is not there", worker.ID, node.Name)
	}
	run := view.JobRun(worker.Run)
	for _, file := range upload.Files(run.Spec) {
		if slices.Equal(file.Digest[:], r.GetDigest()) {
			return uploads.Key{User: run.CreatedBy, Digest: file.Digest}, nil
		}
	}
	return uploads.Key{}, errs.New(errs.Forbidden,
		"cannot send the file with the SHA-256 %.64x to node %s: job run %s of worker %s names no such file",
		r.GetDigest(), node.Name, run.ID, worker.ID)
}
