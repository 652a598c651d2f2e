// Package releases keeps the archives of releases on a server, by digest. Agents fetch them from here, so that only one
// machine of a site needs to reach a registry. Every server gets every archive that the log names: from the upload that
// a client sends, or from a server that has it.
//
//	<dir>/<sha256 in hex>            a complete and verified archive
//	<dir>/.incoming-*                an archive that is being received; it is removed when that fails
//
// An archive never changes, so whoever reads one needs no lock. If two callers store one archive at once, both receive
// it, and the name stands for either copy. cache.go has all of it.
package releases
