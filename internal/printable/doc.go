// Package printable knows which characters do something to a terminal instead of standing on it: control characters,
// those that turn the direction of writing around, and ends of lines. Servers refuse them in names (Check), the command
// line shows them in a form that does nothing (Escape), and in JSON and YAML as the escape that means the same there
// (Quoted).
package printable
