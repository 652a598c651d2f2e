package resource

// MaxSlots is how many slots a node holds at most: so many workers an agent can keep, report and be told of in good
// time, however small they are.
const MaxSlots = 4096

// Room is what a node has for slots: amounts, and how many slots.
type Room struct {
	Vector
	Slots int64
}

// Holds is the one answer to "does it fit?": the planner and the serial check before the log ask it alike, for so many
// slots that need so much together.
func (r Room) Holds(need Vector, slots int64) bool { return slots <= r.Slots && need.FitsIn(r.Vector) }

// Count returns how many slots of a size it has room for, at most limit.
func (r Room) Count(size Vector, limit int64) int64 { return size.Count(r.Vector, min(limit, r.Slots)) }

// Without returns what is left beside so many slots that hold so much together.
func (r Room) Without(held Vector, slots int64) Room { return Room{r.Sub(held), r.Slots - slots} }
