// Package signal names the signals of Linux, for people. It is a leaf.
package signal
