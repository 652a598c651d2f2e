package session

import (
	"github.com/headrace/headrace/agent/lease"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// take takes one thing that the leader says. An unknown thing, of a newer version, is passed over.
func (s *session) take(response *agentv1.SessionResponse) error {
	switch message := response.GetMessage().(type) {
	case *agentv1.SessionResponse_Renewed:
		return s.renewed(message.Renewed)
	case *agentv1.SessionResponse_Assignment:
		return s.assign(message.Assignment)
	case *agentv1.SessionResponse_ReportAcknowledged:
		s.config.Outbox.Acknowledged(message.ReportAcknowledged.GetNumber())
	case *agentv1.SessionResponse_OpenData:
		s.config.OpenData(message.OpenData)
	case *agentv1.SessionResponse_Fence:
		s.config.Logger.Warn("the cluster does not know workers of this node: stopping them",
			"workers", message.Fence.GetWorkerIds(), "reason", message.Fence.GetReason())
		s.config.Fleet.Dismiss(message.Fence.GetWorkerIds())
	}
	return nil
}

// renewed moves the lease to what was granted, counted from when it was asked for.
func (s *session) renewed(r *agentv1.Renewed) error {
	sent, asked := s.renewals[r.GetNumber()]
	if !asked || r.GetLeaseMilliseconds() <= 0 {
		return nil
	}
	for number := range s.renewals {
		if number <= r.GetNumber() {
			delete(s.renewals, number)
		}
	}
	s.watchdog.Reset(s.config.Lease.Usual() / 2)
	return s.config.Lease.Grant(sent, lease.Of(r.GetLeaseMilliseconds()))
}

// assign takes a part of an assignment of this leader, once the complete one was there. An error ends the session: the
// next one begins with a complete assignment.
func (s *session) assign(assignment *agentv1.Assignment) error {
	if err := s.named.follows(assignment); err != nil {
		return err
	}
	if err := expand(assignment); err != nil {
		return err
	}
	if !s.complete && !assignment.GetComplete() || assignment.GetTerm() < s.term || !s.newest.accepts(assignment) {
		s.config.Logger.Warn("ignored an assignment that is older than what is known, or came before the complete one",
			"term", assignment.GetTerm(), "record", assignment.GetRecord())
		s.named.next = 0
		return nil
	}
	s.named.add(assignment)
	s.config.Fleet.Assign(assignment)
	if assignment.GetComplete() && !assignment.GetGoesOn() {
		s.config.Fleet.Keep(s.named.workers, s.named.slots)
	}
	s.complete = s.complete || !assignment.GetGoesOn()
	return nil
}
