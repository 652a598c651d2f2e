package session

import (
	"slices"
	"time"

	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// look sees whether the releases are the same, and the newest report was acknowledged.
func (s *session) look() error {
	if now := s.config.Holdings(); !slices.Equal(now, s.releases) {
		s.releases = now
		s.config.Outbox.PutReleases(now)
	}
	if again := s.config.Outbox.Unacknowledged(); again != nil && time.Since(s.reported) > s.config.Lease.Usual() {
		s.reported = time.Now()
		return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: again}})
	}
	return nil
}

// renew asks for a longer lease.
func (s *session) renew(wanted time.Duration) error {
	s.number++
	s.renewals[s.number] = s.config.Lease.Now()
	warm, warming := s.config.Warmth()
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Renew{Renew: &agentv1.Renew{
		Number:             s.number,
		WantedMilliseconds: wanted.Milliseconds(),
		WarmSlots:          warm,
		WarmingSlots:       warming,
	}}})
}

// report tells what changed, if nothing is on its way.
func (s *session) report() error {
	report := s.config.Outbox.Next()
	if report == nil {
		return nil
	}
	s.reported = time.Now()
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: report}})
}

// sendDemand sends the next one, or sets the timer for when it may go.
func (s *session) sendDemand(timer *time.Timer) error {
	demand, wait := s.config.Demands.Take(time.Now())
	if wait > 0 {
		timer.Reset(wait)
	}
	if demand == nil {
		return nil
	}
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Demand{Demand: demand}})
}

// sendProgress tells a leader that takes it what the node is doing, or sets the timer for when it may.
func (s *session) sendProgress(timer *time.Timer) error {
	if !s.progress {
		return nil
	}
	progress, wait := s.config.Progress.Take(time.Now())
	if wait > 0 {
		timer.Reset(wait)
	}
	if progress == nil {
		return nil
	}
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Progress{Progress: progress}})
}

func (s *session) send(request *agentv1.SessionRequest) error { return s.stream.Send(request) }

// leave asks for a lease that outlasts a planned restart, and waits a moment for it.
func (s *session) leave() error {
	if s.config.LeaveLease <= 0 {
		return nil
	}
	if err := s.renew(s.config.LeaveLease); err != nil {
		return err
	}
	for s.renewals[s.number] != 0 {
		select {
		case response := <-s.received:
			if renewed := response.GetRenewed(); renewed != nil {
				if err := s.renewed(renewed); err != nil {
					return err
				}
			}
		case err := <-s.broken:
			return err
		}
	}
	return s.stream.CloseSend()
}
