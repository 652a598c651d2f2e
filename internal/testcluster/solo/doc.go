// Package solo is a cluster of one, without anything around its log: for tests inside of the packages that stand behind
// the door, which cannot import a whole server.
package solo
