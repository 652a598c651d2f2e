// Package errs holds the kinds of error that Headrace tells its callers. A kind is set once, where the fact is known,
// and carried through every wrap; package grpcerr maps it to the wire and back by one table. Texts are never compared.
package errs
