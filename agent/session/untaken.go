package session

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// untakenAfter is how long nobody may take this node before that is said: servers that restart, or elect, take less.
const untakenAfter = 3 * time.Second

// errRefused is why a server that does not run says nothing.
var errRefused = errors.New("it refuses the connection: no server runs there, or it listens at another port")

// errNoLeader is why servers that answer take no node.
var errNoLeader = errors.New("the servers answer, and know no leader: most of them have to run and reach each other")

// whySilent says why no server was of use; nil: one answered.
func whySilent(servers []string, answers []said) error {
	var all []string
	for i, one := range answers {
		if one.why == nil {
			return nil
		}
		all = append(all, servers[i]+": "+one.why.Error())
	}
	if len(all) == 0 {
		return errors.New("no server is known: name some in servers")
	}
	return fmt.Errorf("no server answers: %s", strings.Join(all, "; "))
}

// tellUntaken says that nobody takes this node, and why, once that lasts; then now and again.
func (s *Sessions) tellUntaken(leader string) {
	if leader != "" {
		return // that one says why, if it does not take the node
	}
	if time.Since(s.taken) < untakenAfter {
		return
	}
	why := s.silent
	if why == nil {
		why = errNoLeader
	}
	s.untaken.Warn("no server takes this node; trying again", why)
}
