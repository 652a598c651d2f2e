// Package output writes what commands answer: tables whose columns line up, fields one below the other, and the same as JSON. It also
// says how people read sizes and times.
//
// Everything that a command writes goes through here, so that nothing in it acts on a terminal: names, reasons and logs are other
// people's words (print.go, log.go).
package output
