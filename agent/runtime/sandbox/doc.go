// Package sandbox makes the world that a worker sees: an OCI bundle, which crun runs.
//
// The node's root file system is the worker's, read-only, without what is nobody's business there (see hidden.go); /tmp, /var/tmp and
// /dev/shm are its own; its working directory is always Home, and sockets of its agent are in Sockets. It has no capability, gains no
// privileges, and may make the usual calls of the kernel only. Shared directories are the one way to files outside.
//
// Two processes use this package. The agent describes a sandbox (Bundle.Write) and checks that the machine can make one (Config.Check).
// The shim, which was started in mount and PID namespaces of its own, arranges them (Enter) and starts crun in them (Bundle.Command).
// The PID namespace is the shim's: its death is that of everything in the sandbox.
package sandbox
