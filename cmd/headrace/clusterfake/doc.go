// Package clusterfake is a server of the native API for tests of the client and of the commands. It listens on a real
// connection and gives the answers that the test sets.
package clusterfake
