// Package output writes what commands answer: tables whose columns line up, fields one below the other, and the same as JSON. It
// also says how people read sizes and times.
package output
