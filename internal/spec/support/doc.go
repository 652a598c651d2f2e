// Package support says what of the original's API no version of Headrace acts on yet, and how each of it is answered.
// What is accepted and then ignored is a lie: so it is refused, with an error that names the field, or kept where
// clients always send it, and then the state's details and explain say so.
//
// Parts is the one table. docs/http-api.md shows it, and a test holds that it is the same. When something begins to
// work, its part gets the version since which it does: it is neither refused nor told of any more.
//
//	part.go      the table
//	said.go      what of a message says something that is in the table
//	property.go  the same for properties of configurations
//	table.go     the table as documentation shows it
//
// The package is pure, like package spec, whose rules are checked first.
package support
