package message

import (
	"github.com/headrace/headrace/fsm/state"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// addService adds what a node takes, and why.
func addService(m *controlv1.Node, n *state.Node) {
	m.Service = n.Service()
	m.OnTrial = n.Aside.OnTrial
	switch {
	case n.Cordoned():
		m.ServiceReason = n.Cordon.Reason
		m.ServiceBy = n.Cordon.By
		m.ServiceSince = Time(n.Cordon.Since)
	case n.SetAside():
		m.ServiceReason = n.Aside.Reason
		m.ServiceSince = Time(n.Aside.Since)
		m.TriedAgainAt = Time(n.Aside.Until)
	}
	if !n.Drain.Since.IsZero() {
		m.DrainDeadline = Time(n.Drain.Deadline)
		m.DrainDrivers = "WAIT"
		if n.Drain.StopDrivers {
			m.DrainDrivers = "STOP"
		}
	}
	for _, f := range n.Failures {
		m.Failures = append(m.Failures, &controlv1.NodeFailure{
			Kind:          f.Kind.String(),
			FailedAt:      Time(f.At),
			ApplicationId: f.Application,
			JobRunId:      f.Run,
		})
	}
}
