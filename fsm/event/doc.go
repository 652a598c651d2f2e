// Package event knows each kind of event by its descriptor: its name, the log version that brought it, and the options
// beside it in its proto. So a new kind is described once. The log's door, those who watch and the nodes' assignments
// ask here if they need something of all kinds. Pure.
package event
