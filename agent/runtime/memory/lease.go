package memory

import (
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// Now returns this instant on the machine's clock, which goes as package time does: on virtual time in a bubble of
// synctest.
func (r *Runtime) Now() runtime.Instant {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	return r.machine.now()
}

// LeaseDeadline returns the deadline that MoveLease set last; 0: none since the machine booted.
func (r *Runtime) LeaseDeadline() runtime.Instant {
	r.machine.mu.Lock()
	defer r.machine.mu.Unlock()
	return r.machine.deadline
}

// MoveLease sets the deadline at which workers end that do not go on without it, whether an agent is there or not.
func (r *Runtime) MoveLease(deadline runtime.Instant) error {
	m := r.machine
	m.mu.Lock()
	defer m.mu.Unlock()
	m.deadline = deadline
	if m.alarm != nil {
		m.alarm.Stop()
	}
	m.alarm = time.AfterFunc(max(deadline.Sub(m.now()), 0), m.alarmed)
	return nil
}

// alarmed enforces the lease, or goes off again when it has not come to its end.
func (m *Machine) alarmed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if left := m.deadline.Sub(m.now()); left > 0 {
		m.alarm.Reset(left)
		return
	}
	m.enforce()
}

// enforce kills what has outlived its lease. The caller has the lock.
func (m *Machine) enforce() {
	if m.deadline > m.now() {
		return
	}
	for p := range m.live {
		if p.Spec.KeepOnDisconnect {
			continue
		}
		if p.wanted == "" {
			p.wanted = runtime.LeaseEnded
		}
		p.kill()
	}
}

// wantAfter stops the process after a while, whoever wants it. The caller has the machine's lock.
func (p *Process) wantAfter(long time.Duration) {
	p.longest = time.AfterFunc(long, func() {
		p.machine.mu.Lock()
		defer p.machine.mu.Unlock()
		p.wanted = runtime.Stopped
		p.kill()
	})
}
