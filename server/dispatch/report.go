package dispatch

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/caught"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
	"github.com/headrace/headrace/server/command"
)

// maxMessage bounds what a node says of a worker's end, in bytes: it goes into the log.
const maxMessage = 4 << 10

// exitReasons maps what agents observe to what the log says. If a worker was stopped at the end of its lease, its node
// was lost.
var exitReasons = map[agentv1.ExitReason]state.ExitReason{
	agentv1.ExitReason_EXIT_REASON_UNSPECIFIED:    state.ExitDisappeared,
	agentv1.ExitReason_EXIT_REASON_EXITED:         state.ExitExited,
	agentv1.ExitReason_EXIT_REASON_STOPPED:        state.ExitStopped,
	agentv1.ExitReason_EXIT_REASON_OUT_OF_MEMORY:  state.ExitOutOfMemory,
	agentv1.ExitReason_EXIT_REASON_START_REFUSED:  state.ExitStartRefused,
	agentv1.ExitReason_EXIT_REASON_DISAPPEARED:    state.ExitDisappeared,
	agentv1.ExitReason_EXIT_REASON_FILE_NOT_FOUND: state.ExitFileNotFound,
	agentv1.ExitReason_EXIT_REASON_LEASE_ENDED:    state.ExitNodeLost,
	agentv1.ExitReason_EXIT_REASON_ACCESS_DENIED:  state.ExitAccessDenied,
	agentv1.ExitReason_EXIT_REASON_OUT_OF_DISK:    state.ExitOutOfDisk,
}

// maxStatuses bounds the statuses of one step. The step may decide on fewer, if much follows from them.
const maxStatuses = 64

// record brings a report to the door.
func (s *session) record(r *agentv1.Report) error {
	if err := s.believe(statusesOf(r.GetWorkers()), s.recordWorkers); err != nil {
		return err
	}
	for some := range slices.Chunk(r.GetSlots(), maxStatuses) {
		if err := s.recordSlots(some); err != nil {
			return err
		}
	}
	if r.GetReleases() != nil {
		return s.recordReleases(r.GetReleases().GetLabels())
	}
	return nil
}

// recordWorkers brings statuses of workers to the door, and says how many of them were decided on.
func (s *session) recordWorkers(some []command.WorkerStatus) (taken int, err error) {
	c := &command.ReportWorkers{Node: s.node, Statuses: some}
	if _, err = s.cfg().Door.Execute(s.ctx, c.Decide); err != nil {
		return 0, err // it may still be decided on: nobody waits for it
	}
	return c.Taken, nil
}

// recordReleases brings the releases that the node holds to the door.
func (s *session) recordReleases(labels []string) error {
	if err := s.holds.Wait(s.ctx); err != nil {
		return nil // the session has ended
	}
	held := &command.SetReleases{Node: s.node, Releases: labels}
	_, err := s.cfg().Door.Execute(s.ctx, held.Decide)
	return err
}

// recordSlots brings what became of slots to the door. A node that cannot prepare a slot is avoided before the slot is
// given up, so that no plan is made in between.
func (s *session) recordSlots(reports []*agentv1.SlotStatus) error {
	cfg := s.cfg()
	statuses := &command.ReportSlots{Node: s.node}
	for _, r := range reports {
		status := command.SlotStatus{SlotID: r.GetSlotId(), Ready: r.GetReady(), Error: clean(r.GetError())}
		statuses.Statuses = append(statuses.Statuses, status)
		s.avoid(status)
	}
	for len(statuses.Statuses) > 0 {
		if _, err := cfg.Door.Execute(s.ctx, statuses.Decide); err != nil {
			return err
		}
		statuses = &command.ReportSlots{Node: s.node, Statuses: statuses.Statuses[statuses.Taken:]}
	}
	return nil
}

// avoid has the node avoided for the application of a slot that it could not prepare.
func (s *session) avoid(status command.SlotStatus) {
	cfg := s.cfg()
	slot := cfg.Door.View().Slot(status.SlotID)
	if status.Ready || status.Error == "" || slot == nil || !slot.Preinitialised() || slot.Node != s.node {
		return
	}
	cfg.Avoided.Refused(slot.Application, s.node, cfg.Door.Now())
	cfg.Log.WarnContext(s.ctx, "node cannot prepare a slot", "application", slot.Application, "reason", status.Error)
}

// believe brings statuses to the door, in steps that fit into records. decide says how many of some were decided on. If
// deciding on a status panics, that one is left out and holds up no other: its worker's row stays as it is, and the log
// says so.
func (s *session) believe(
	statuses []command.WorkerStatus,
	decide func(some []command.WorkerStatus) (taken int, err error),
) error {
	limit := maxStatuses
	for len(statuses) > 0 {
		some := statuses[:min(len(statuses), limit)]
		taken, err := decide(some)
		switch {
		case caught.Is(err) && len(some) > 1:
			limit = 1 // to find which one it is
		case caught.Is(err):
			s.cfg().Log.ErrorContext(s.ctx, "cannot decide on what a node reports of a worker: leaving it out",
				"worker", some[0].WorkerID, "error", err)
			statuses = statuses[1:]
		case err != nil:
			return err
		default:
			statuses = statuses[taken:]
		}
	}
	return nil
}

func statusesOf(reports []*agentv1.WorkerStatus) []command.WorkerStatus {
	statuses := make([]command.WorkerStatus, 0, len(reports))
	for _, r := range reports {
		statuses = append(statuses, statusOf(r))
	}
	return statuses
}

func statusOf(r *agentv1.WorkerStatus) command.WorkerStatus {
	status := command.WorkerStatus{
		WorkerID: r.GetWorkerId(),
		Epoch:    r.GetEpoch(),
		Running:  r.GetPhase() == agentv1.Phase_PHASE_RUNNING,
		Starved:  min(max(r.GetStarvedBytes(), 0), maxMemory),
		Start: command.Start{
			Warm:       r.GetStart() == agentv1.Start_START_WARM,
			ColdReason: cut(clean(r.GetStartNote())),
		},
	}
	if r.GetPhase() == agentv1.Phase_PHASE_ENDED {
		reason, known := exitReasons[r.GetExitReason()]
		if !known {
			reason = state.ExitDisappeared
		}
		status.Exit = &state.Exit{
			Reason:    reason,
			Code:      r.GetExitCode(),
			Signal:    r.GetExitSignal(),
			Message:   clean(r.GetMessage()),
			PeakBytes: min(max(r.GetPeakMemoryBytes(), 0), maxMemory),
		}
	}
	return status
}

// maxNote bounds why a worker was started cold, in bytes.
const maxNote = 512

// maxMemory bounds what a worker may say it used, in bytes: far more than a node may offer would be no measure.
const maxMemory = 1 << 54

// cut keeps the beginning of a note, as valid text.
func cut(note string) string {
	if len(note) > maxNote {
		note = strings.ToValidUTF8(note[:maxNote], "")
	}
	return note
}

// clean keeps the end of a message, as valid text.
func clean(message string) string {
	message = strings.ToValidUTF8(message, "�")
	if len(message) <= maxMessage {
		return message
	}
	message = message[len(message)-maxMessage:]
	for len(message) > 0 && !utf8.RuneStart(message[0]) {
		message = message[1:]
	}
	return message
}
