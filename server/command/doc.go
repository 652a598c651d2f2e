// Package command holds the decisions of the control plane: pure functions that take the newest state and a wish, and return
// the events that the wish becomes or the reason why it is refused.
//
//	view + Meta + request  →  events, or an error of package errs
//
// Decisions run one after another inside the door (package consensus), so what one of them sees cannot change before its events
// are in the log. They read no clock, make no random numbers and do no I/O: time and ids come with Meta. A decision may be run
// more than once, when its record turned out void; so it keeps nothing between calls but what it writes anew each time.
package command
