// Package output writes the answers of commands: tables whose columns line up, fields one below the other, and JSON. It
// also formats sizes and times for people.
//
// Everything that a command prints goes through this package. Names, reasons and logs are written by others, so control
// characters in them are escaped (print.go, log.go).
//
//	print.go   texts and lines
//	log.go     a program's log, as it is or escaped
//	table.go   tables; fields.go: fields; all.go: everything that is set in a message
//	screen.go  how wide tables may be, and the colours of states
//	width.go   how much room a text takes
//	json.go    messages as JSON; number.go: their numbers
//	format.go  times and amounts
//	secret.go  values that look like secrets, hidden
package output
