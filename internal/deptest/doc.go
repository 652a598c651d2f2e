// Package deptest holds nothing but tests: who may import whom, with the reason in the message. They are the rules of
// docs/architecture.md, checked by go test alone, so that nobody needs a linter to notice that an arrow points the
// wrong way.
package deptest
