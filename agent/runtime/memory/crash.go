package memory

import (
	"crypto/rand"
	"time"

	"github.com/headrace/headrace/agent/runtime"
)

// disappeared is how a worker ended that nobody saw the end of.
var disappeared = runtime.Exit{
	Reason:  runtime.Disappeared,
	Code:    -1,
	Message: "cannot tell how the worker ended: the process that held it is gone",
}

// Crash ends everything that runs without a word, and boots the machine again, as after a loss of power: the lease
// means nothing any more, and Adopt finds workers that disappeared. It returns when all programs have returned. The
// agent has to have ended before.
func (m *Machine) Crash() {
	m.mu.Lock()
	m.closeAll()
	for p := range m.live {
		p.vanished = true
		p.kill()
	}
	m.mu.Unlock()
	m.running.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bootID = rand.Text()
	m.booted = time.Now().Add(-uptime)
	m.deadline = 0
}
