package consensus

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/headrace/headrace/internal/errs"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// LogVersion is the newest log version that this server reads and writes. It goes up by one with a release that adds a kind of
// event, so that no server is ever handed an event that it does not know.
const LogVersion = 1

var fact = (&eventv1.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("fact")

// since says which log version brought a kind of event. Append only.
func since(kind protoreflect.Name) (version uint32, known bool) {
	switch kind {
	case "cluster_initialized", "state_digested", "request_completed",
		"application_created", "application_state_changed", "application_forgotten", "application_updated", "application_tagged",
		"job_run_submitted", "job_run_admitted", "job_run_cancel_requested", "job_run_ended",
		"job_run_queued", "job_run_tagged",
		"attempt_created", "attempt_scheduled", "attempt_running", "attempt_returned", "attempt_ended",
		"workers_placed", "worker_running", "worker_ended", "workers_assigned", "slots_reserved", "slots_ready", "slots_released",
		"node_registered", "node_lost", "node_losing", "node_forgotten", "node_joined", "node_approved", "release_added", "access_key_created", "access_key_revoked":
		return 1, true
	}
	return 0, false
}

// admissible refuses events that the cluster's oldest server would not know.
func admissible(events []*eventv1.Event, lowest uint32) error {
	for _, event := range events {
		field := event.ProtoReflect().WhichOneof(fact)
		if field == nil {
			return errs.New(errs.Internal, "cannot write an event without a fact")
		}
		version, known := since(field.Name())
		if !known {
			return errs.New(errs.Internal, "cannot write %s: no log version is known for it", field.Name())
		}
		if version > lowest {
			return errs.New(errs.Unavailable, "cannot write %s: it needs log version %d and the oldest server has %d; upgrade all first",
				field.Name(), version, lowest)
		}
	}
	return nil
}
