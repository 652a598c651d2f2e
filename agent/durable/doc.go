// Package durable keeps the few small files by which the agent knows itself after a crash of the machine: its node's
// id, and the servers. Only the agent knows their paths, and only it reads and writes them.
package durable
