// Package output writes the answers of commands: tables whose columns line up, fields one below the other, and JSON. It
// also formats sizes and times for people.
//
// Everything that a command prints goes through this package. Names, reasons and logs are written by others, so control
// characters in them are escaped (print.go, log.go).
package output
