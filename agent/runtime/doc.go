// Package runtime holds workers: it starts programs that outlive the agent, watches them, stops them with everything
// that they started, and finds them again after the agent was away.
//
// Each worker is held by a shim, a process of Headrace's own binary (see ShimMain) in a session of its own. It alone
// starts, stops and outlives the worker, and puts it into a control group with its limits where that is allowed; that
// of CPU holds once the sandbox is made, which takes CPU itself. Where the agent is root, the shim is process 1 of a
// PID namespace (apart.go): the kernel kills everything that the worker started when the shim dies, however it dies.
// Elsewhere it is a child subreaper, so no descendant of the worker escapes it while it lives. The agent may die at any
// time: nothing is lost but somebody who moves the lease. One shim is started ahead, a spare, so that the next worker
// starts sooner; it dies with the agent.
//
// A worker lives in a home, as a user that it shares with nobody if the agent has a range of them. What is in the home
// is hostile: it is touched through Home and package guest only. With a Sandbox, package sandbox makes what the worker
// sees of the machine, and Home knows what that is before the worker runs (sight.go). An Errand is a worker that the
// agent itself waits for: a program of a release, which the agent would not run with its own rights.
//
// A twin of this package, runtime/memory, holds workers in memory; what the agent needs of the two is agent.Runtime.
//
//	runtime.go  what holds the workers of an agent; command.go: what a worker is to be; worker.go: one that is or was
//	home.go     homes; users.go: whose each is; claim.go: which range of users is this agent's
//	sight.go    what a worker will see of the machine, before it runs
//	start.go    spec and bundle written, shim started; refusal.go: or not
//	shim.go     a shim: claims its worker, holds it to its end, writes that down
//	shim_start.go  it starts the process in its sandbox; report.go: and tells the agent
//	shim_hold.go   it sees the process to its end; stop.go: or is asked to end it
//	apart.go    whether shims get namespaces of their own; spare.go: the shim that waits for the next worker
//	watch.go    the agent's side: sees shims end; exit.go: how a worker ended
//	take.go     one that waits becomes a worker
//	lease.go    the deadline of all workers; boottime.go: the clock by which it counts
//	cgroup.go   limits by a control group; cgroup_v1.go, cgroup_v2.go: by the machine's version
//	disk.go     what a worker holds on the disk, measured; open_files.go: what its processes have open
//	weight.go   what all workers of the agent weigh beside the rest of the machine
//	starve.go   a process of a worker that the kernel killed for memory, while the worker goes on
//	network.go  whose ports a worker reaches; socket_group.go: by which control group its sockets are known
//	listener.go who listens at a port
//	logs.go     stdout and stderr; logs_folder.go: where they lie
//	adopt.go    what an earlier agent left; clean.go: what may go; removed.go: what is gone
//	own.go      processes that the agent has for itself, known by their ids; errand.go: those that it waits for
//	files.go    small files in a worker's directory: the runtime's own, and what the agent keeps there (Keep)
//	proc.go     processes, as /proc has them
//	try.go      whether this machine can make a sandbox
//
// The layout of the directories:
//
//	<data>/lease                 the instant at which workers end when nobody moves it; see Lease
//	<data>/worker-uids           the range of users that the agent has, FIRST-LAST
//	<data>/users.json            which of them is next, so that one is used again as late as can be
//	<data>/workers/<id>/         0700: of the agent and the shim only
//	    spec.json                what to run; written by the agent, 0600, it may hold secrets
//	    bundle/                  the sandbox, for crun: config.json, passwd and group, root (where the shim mounts),
//	                             state, log, pid
//	    shim.json                who holds it: pid, start time, boot id; made once, by link, so that a claim has one
//	                             winner
//	    stop.json                the request to stop it: reason and grace; SIGTERM tells the shim to read it
//	    exit.json                how it ended; written when its whole process tree is gone
//	    stdout, stderr           what it wrote, unless its Spec names a folder for logs
//	    shim.log                 what the shim itself had to say
//	    taken                    made when a worker that was taken has begun; see Take
//	    forgotten                made when the server knows the end: the directory may be cleaned
//	<data>/workers/<other id>    a link to <id>: the name under which a worker waited before it was taken
//	<data>/homes/<id>/           0711, the agent's; of a worker that was taken still under the id that it waited with
//	    work/                    0700, the worker's: its working directory
//	    tmp/, var-tmp/           0700, the worker's: /tmp and /var/tmp of its sandbox
//	    sockets/                 0711, the agent's: sockets that the worker may use
//	    <name>/                  0750, the agent's: what MakeShown made, which the worker only reads
//	<data>/homes/<other id>      without a sandbox, a link to the home of a worker that was taken
//	<data>/logs/                 folders of logs that a Spec names, each of one worker; they go with the worker's
//	                             directory
//	<shuffle>/homes/             the same as <data>/homes, on the disk for shuffle data
//	/run/headrace/users/<range>  whose a range of users is, for all agents of this machine: a data directory
//
// A worker whose shim is gone without exit.json has disappeared; what is left of its tree is killed before that is
// told.
package runtime
