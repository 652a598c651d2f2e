// Package tasks runs what a room of the agent begins while it runs.
//
// A room, such as package slots, has a Run that its owner waits for. What it begins on the way, such as bringing a
// release, belongs to that Run: it gets Run's context and Run waits for it. A Group holds such tasks, so that no room
// keeps a context or starts a goroutine that nobody waits for.
package tasks
