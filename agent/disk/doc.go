// Package disk says how full the disks are that workers use: what a node offers of them, and when it starts no more
// workers.
package disk
