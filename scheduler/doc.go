// Package scheduler decides which workers go to which nodes. Plan is a pure function: no clock, no I/O, no randomness, and no
// order of a map ever decides; ties end at an id. It knows neither the log nor the wire, only amounts and names, so it can be
// read and tested alone. Package placement builds its Input from a view of the state and proposes its Plan to the door, where
// every placement is checked again against the newest view with the same resource.Vector.FitsIn.
package scheduler
