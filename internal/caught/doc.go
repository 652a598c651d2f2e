// Package caught keeps a process going where the work of one request, one tenant or one round of a loop panics: the
// panic becomes an error of kind Internal, its stack stands in the log, and it is counted. The work itself is lost, and
// told to whoever asked for it.
//
// It is not for what applies the log: a state that is broken must not go on, so there a panic ends the process. Nor is
// it for work that leaves something half done that others use: decisions work on scratch copies, requests on their own
// values.
package caught
