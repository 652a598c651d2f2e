package state

// PoolCount is how many pre-initialised slots of one type an application has.
type PoolCount struct {
	Held  uint32
	Ready uint32 // of those held, prepared by their nodes
	Taken uint32 // of those held, with a worker in them
}

// PoolCounts is how many pre-initialised slots an application has of each type.
type PoolCounts [TypeTask + 1]PoolCount

// PoolCounts returns how many pre-initialised slots an application has of each type.
func (v *View) PoolCounts(application string) PoolCounts { return v.poolCounts.get(application) }

// countSlot adds a pre-initialised slot to the counts.
func (tx *Tx) countSlot(s *Slot) {
	counts := tx.view.poolCounts.get(s.Application)
	counts[s.Type].add(s)
	tx.view.poolCounts.put(s.Application, counts)
}

// discountSlot takes a pre-initialised slot, as it was, out of the counts.
func (tx *Tx) discountSlot(s *Slot) {
	counts := tx.view.poolCounts.get(s.Application)
	counts[s.Type].remove(s)
	if counts == (PoolCounts{}) {
		tx.view.poolCounts.remove(s.Application)
		return
	}
	tx.view.poolCounts.put(s.Application, counts)
}

func (c *PoolCount) add(s *Slot) {
	c.Held++
	if s.Ready {
		c.Ready++
	}
	if s.Worker != "" {
		c.Taken++
	}
}

func (c *PoolCount) remove(s *Slot) {
	c.Held--
	if s.Ready {
		c.Ready--
	}
	if s.Worker != "" {
		c.Taken--
	}
}
