// Package deptest holds nothing but tests: who may import whom, with the reason in the message, and that the page of
// each package names its files. They are the rules of docs/architecture.md, checked by go test alone, so that nobody
// needs a linter to notice that an arrow points the wrong way.
package deptest
