// Package sandbox makes the world that a worker sees: an OCI bundle, which crun runs.
//
// The node's root file system is the worker's, read-only, without what is nobody's business there (hidden.go); /tmp,
// /var/tmp and /dev/shm are its own (mounts.go); its working directory is always Home, and sockets of its agent are in
// Sockets. It has no capability, gains no privileges, and may make the usual calls of the kernel only (seccomp.go).
// Shared directories are the one way to files outside that it can change; directories that its program needs, such as
// its release, are shown to it where they are hidden, read-only. Config.Sees says before a worker runs what it will
// see.
//
// Namespaces are its own for mounts, processes and IPC. The network is the node's, where package firewall keeps it from
// others, and abstract sockets, which are names in the network, are scoped by Landlock (scope.go), if the kernel can.
//
// Two processes use this package. The agent describes a sandbox (Bundle.Write). The shim, which was started in mount
// and PID namespaces of its own, makes these its own (Enter), puts the root file system into the bundle (Held.Arrange),
// scopes itself (Scope) and starts crun (Held.Command), which ends when the worker's program runs. The PID namespace is
// the shim's: its death is that of everything in the sandbox. Limits are those of the control group that the shim made;
// crun makes none.
//
// Whether a machine can make a sandbox, the runtime tries (Runtime.TrySandbox).
//
//	config.go   what all sandboxes of an agent have in common
//	bundle.go   one sandbox, written for crun; mounts.go: what it sees; hidden.go: and what not
//	seccomp.go  which calls of the kernel it may make
//	enter.go    what a shim does before crun; scope.go: abstract sockets; held.go: how it calls crun, and hears it fail
package sandbox
