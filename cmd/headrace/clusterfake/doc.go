// Package clusterfake is a server of the native API that answers what a test says, on a real connection. Tests of the client and of
// the commands use it.
package clusterfake
