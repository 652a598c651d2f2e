package outbox

import "slices"

// news is what there is to tell of things that have ids: of each the newest, in the order in which they began to wait.
// The zero value is empty.
type news[T any] struct {
	newest map[string]T
	order  []string
}

// put replaces what waits of a thing.
func (n *news[T]) put(id string, what T) {
	if n.newest == nil {
		n.newest = map[string]T{}
	}
	if !n.waits(id) {
		n.order = append(n.order, id)
	}
	n.newest[id] = what
}

// again lets something wait that is older than what waits already.
func (n *news[T]) again(id string, what T) {
	if !n.waits(id) {
		n.put(id, what)
	}
}

func (n *news[T]) drop(id string) {
	delete(n.newest, id)
	n.order = slices.DeleteFunc(n.order, func(other string) bool { return other == id })
}

func (n *news[T]) waits(id string) bool {
	_, waits := n.newest[id]
	return waits
}

func (n *news[T]) none() bool { return len(n.order) == 0 }

// take removes and returns the first ones, at most so many.
func (n *news[T]) take(limit int) (taken []T) {
	for len(n.order) > 0 && len(taken) < limit {
		taken = append(taken, n.newest[n.order[0]])
		delete(n.newest, n.order[0])
		n.order = n.order[1:]
	}
	return taken
}
