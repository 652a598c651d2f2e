package state

// Changes are the rows that a record put or removed, by id, in the order in which that happened; a row may stand there
// several times. Who keeps something that is made of rows learns from them what to make anew. They are noted where rows
// are put and removed, so that no kind of event can be forgotten. Requests, access keys, contents and segments are not
// noted: no plan depends on them.
type Changes struct {
	Runs         []string // also those of which an attempt or a worker changed
	Applications []string // also those of which a slot came or went
	Nodes        []string // also those on which a slot came or went
	Slots        []string // pre-initialised
	Releases     []string // labels
}

// Changes returns what the newest record of the view changed; nobody may change it. A view that no record made, such as
// one that came from a snapshot, has what was put to make it: it says nothing about the view before.
func (v *View) Changes() *Changes { return v.changes }

// stringHeader is what a string holds beside its bytes.
const stringHeader = 16

// Bytes returns about how much memory the changes hold.
func (c *Changes) Bytes() (n int) {
	for _, ids := range [][]string{c.Runs, c.Applications, c.Nodes, c.Slots, c.Releases} {
		for _, id := range ids {
			n += stringHeader + len(id)
		}
	}
	return n
}

// changed appends an id to a list of changes. One row is often put several times in a row, as by the placement of many
// workers; it is noted once then.
func changed(list *[]string, id string) {
	if n := len(*list); n == 0 || (*list)[n-1] != id {
		*list = append(*list, id)
	}
}
