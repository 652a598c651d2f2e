package machine

import (
	"os"
	"sync"
	"time"
)

// Config says where to look.
type Config struct {
	// Folders hold Java runtimes, each in a folder of its own; nil: where distributions install them. The ones of
	// JAVA_HOME and PATH come first in any case.
	Folders []string
	// Patience is how long a program may take to say its version; 0: 10 seconds.
	Patience time.Duration
}

// Machine knows this machine's Java runtimes and Python. Its methods may be called by many goroutines.
type Machine struct {
	config Config

	mu      sync.Mutex
	answers map[string]*answer // by program
}

// New returns a Machine that has asked nothing yet.
func New(config Config) *Machine {
	if config.Folders == nil {
		config.Folders = []string{"/usr/lib/jvm", "/usr/java", "/opt/java"}
	}
	if config.Patience == 0 {
		config.Patience = 10 * time.Second
	}
	return &Machine{config: config, answers: map[string]*answer{}}
}

// answerOf returns where the answer of a program is kept.
func (m *Machine) answerOf(program string) *answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers[program] == nil {
		m.answers[program] = &answer{}
	}
	return m.answers[program]
}

// runnable says whether a path is a file that can be run.
func runnable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}
