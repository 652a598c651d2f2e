// Package sweep bounds what is kept: for how long, and how many bytes of it.
//
// Oldest decides what goes and has it removed: what was not used for too long, then the things that were not used for
// the longest time until the rest fits. What the things are, and how one is removed, is its caller's: files of a
// folder, all logs of a run, a release. Every says when: at once, then again and again, and early when somebody says
// that there is too much. First says what would go, for those who need room for one more.
//
//	oldest.go   what goes
//	every.go    when it is looked for
//
// Nothing is locked meanwhile. If a thing is in use, or is used again while it is looked at, the caller's remove
// refuses it, or removes it so that its users are not hurt: on Linux, a reader who has opened a file reads it to its
// end even if it is removed.
package sweep
