package agent

import (
	"slices"
	"time"

	"github.com/headrace/headrace/agent/runtime"
	agentv1 "github.com/headrace/headrace/proto/headrace/agent/v1"
)

// look sees whether the releases are the same, and the newest report was acknowledged.
func (s *session) look() error {
	a := s.agent
	if now := a.holdings(); !slices.Equal(now, s.releases) {
		s.releases = now
		a.outbox.putReleases(now)
	}
	if again := a.outbox.unacknowledged(); again != nil && time.Since(s.reported) > a.lease.usual() {
		s.reported = time.Now()
		return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: again}})
	}
	return nil
}

// renew asks for a longer lease.
func (s *session) renew(wanted time.Duration) error {
	s.number++
	s.renewals[s.number] = runtime.Boottime()
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Renew{
		Renew: &agentv1.Renew{Number: s.number, WantedMilliseconds: wanted.Milliseconds()},
	}})
}

// report tells what changed, if nothing is on its way.
func (s *session) report() error {
	report := s.agent.outbox.next()
	if report == nil {
		return nil
	}
	s.reported = time.Now()
	return s.send(&agentv1.SessionRequest{Message: &agentv1.SessionRequest_Report{Report: report}})
}

func (s *session) send(request *agentv1.SessionRequest) error { return s.stream.Send(request) }

// leave asks for a lease that outlasts a planned restart, and waits a moment for it.
func (s *session) leave() error {
	a := s.agent
	if a.config.StopWorkers || a.config.LeaveLease <= 0 {
		return nil
	}
	if err := s.renew(a.config.LeaveLease); err != nil {
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
