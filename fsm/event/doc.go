// Package event knows each kind of event by its descriptor: its name, the log version that brought it, and what the options beside it
// in its proto say. So a new kind stands in one place, and whoever needs something of all kinds (the log's door, those who watch, the
// nodes' assignments) asks here. Pure.
package event
