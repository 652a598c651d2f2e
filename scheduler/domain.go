package scheduler

import (
	"cmp"
	"slices"

	"github.com/tidwall/btree"
)

// domain is the nodes of an index that have the same value of the label over which workers are spread. Those without
// the label are one domain, too.
type domain struct {
	grove
	value string
	nodes int
	left  int64 // the sum of the nodes' bulk
}

// domains are all domains of an index.
type domains struct {
	key   string
	of    map[string]*domain
	order *btree.BTreeG[*domain] // the one with the most room first
}

// newDomains takes over nodes, in any order.
func newDomains(key string, nodes []*node) *domains {
	ds := &domains{
		key:   key,
		of:    map[string]*domain{},
		order: btree.NewBTreeGOptions(byMostRoom, btree.Options{NoLocks: true}),
	}
	members := map[string][]*node{}
	for _, n := range nodes {
		value := ds.valueOf(n)
		members[value] = append(members[value], n)
	}
	for value, nodes := range members {
		d := &domain{grove: newGrove(nodes), value: value, nodes: len(nodes)}
		for _, n := range nodes {
			d.left += n.bulk
		}
		ds.of[value] = d
		ds.order.Set(d)
	}
	return ds
}

func byMostRoom(x, y *domain) bool {
	return cmp.Or(cmp.Compare(y.left, x.left), cmp.Compare(x.value, y.value)) < 0
}

// valueOf returns the value of a node; empty: it does not have the label.
func (ds *domains) valueOf(n *node) string {
	value, _ := n.labelled().Get(ds.key)
	return value
}

// lift takes a node out before what is free on it changes.
func (ds *domains) lift(n *node) {
	d := ds.of[ds.valueOf(n)]
	ds.order.Delete(d)
	d.grove[n.lean].remove(n)
	d.nodes--
	d.left -= n.bulk
	if d.nodes == 0 {
		delete(ds.of, d.value)
		return
	}
	ds.order.Set(d)
}

// lay puts a node in where it belongs now.
func (ds *domains) lay(n *node) {
	value := ds.valueOf(n)
	d := ds.of[value]
	if d == nil {
		d = &domain{value: value}
		ds.of[value] = d
	} else {
		ds.order.Delete(d)
	}
	d.grove[n.lean].insert(n)
	d.nodes++
	d.left += n.bulk
	ds.order.Set(d)
}

// first returns the best node for a single worker: in the domain with the most room that has one.
func (ds *domains) first(d demand, use allowed) (found *node) {
	ds.order.Scan(func(in *domain) bool {
		found = in.first(d, use)
		return found == nil
	})
	return found
}

// fill finds room for count workers, as evenly over the domains as these have room. Domains with more room get what
// cannot be divided. It returns how many found no room: then every domain is full.
func (ds *domains) fill(d demand, count int64, use allowed) (shares []share, left int64) {
	open, left := ds.divide(d, count, use)
	var full []*portion
	for left > 0 {
		var closed []*portion
		open, closed = shut(open)
		full = append(full, closed...)
		if len(open) == 0 {
			break
		}
		left = again(open, d, left, use)
	}
	for _, p := range slices.Concat(full, open) {
		shares = append(shares, p.shares...)
	}
	return shares, left
}

// portion is what one domain takes of some workers.
type portion struct {
	domain *domain
	wanted int64
	short  int64 // of those wanted, workers that found no room: then the domain is full
	shares []share
}

// take finds room for more workers beside those that the domain takes already.
func (p *portion) take(d demand, more int64, use allowed) {
	p.wanted += more
	p.shares, p.short = p.domain.fill(d, p.wanted, use)
}

// divide gives every domain its part, the first ones one more. What finds no room in one goes to those after it, one
// each; left is what finds none at all.
func (ds *domains) divide(d demand, count int64, use allowed) (parts []*portion, left int64) {
	each := count / int64(max(len(ds.of), 1))
	left = count - each*int64(len(ds.of))
	ds.order.Scan(func(in *domain) bool {
		p := &portion{domain: in}
		more := each + min(left, 1)
		if more == 0 {
			return false // the rest of the domains gets nothing
		}
		p.take(d, more, use)
		left += each - more + p.short
		parts = append(parts, p)
		return true
	})
	return parts, left
}

// again divides what is left among parts, those that have less before those that have more, and returns what found no
// room. So the parts of domains that are not full differ by one worker at most.
func again(parts []*portion, d demand, count int64, use allowed) (left int64) {
	each := count / int64(len(parts))
	extra := count % int64(len(parts))
	slices.SortStableFunc(parts, func(x, y *portion) int { return cmp.Compare(x.wanted, y.wanted) })
	for i, p := range parts {
		more := each
		if int64(i) < extra {
			more++
		}
		if more > 0 {
			p.take(d, more, use)
			left += p.short
		}
	}
	return left
}

// shut separates the parts of domains that are full.
func shut(parts []*portion) (open, full []*portion) {
	for _, p := range parts {
		if p.short > 0 {
			p.wanted -= p.short
			full = append(full, p)
		} else {
			open = append(open, p)
		}
	}
	return open, full
}
