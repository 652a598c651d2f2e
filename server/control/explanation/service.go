package explanation

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/fsm/state"
)

// outOfService mentions the nodes that hold a lease and take nothing: "3 nodes are cordoned, 1 node is set aside".
func (s Source) outOfService(e *Explanation) {
	counts := map[string]int{}
	for node := range s.View.Nodes() {
		if node.State == state.NodeReady && !node.Takes() {
			counts[node.Service()]++
		}
	}
	var said []string
	for _, service := range []string{
		state.ServiceCordoned, state.ServiceDraining, state.ServiceDrained, state.ServiceSetAside,
	} {
		word := strings.ToLower(strings.ReplaceAll(service, "_", " "))
		switch n := counts[service]; {
		case n == 1:
			said = append(said, "1 node is "+word)
		case n > 1:
			said = append(said, fmt.Sprintf("%d nodes are %s", n, word))
		}
	}
	if len(said) > 0 {
		e.Message += "; " + strings.Join(said, ", ") + ", and nothing is placed there"
		e.NextStep += ", or have an operator give one work again: `headrace node list` says why they take none"
	}
}
