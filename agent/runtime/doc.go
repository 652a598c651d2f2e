// Package runtime holds workers: it starts programs that outlive the agent, watches them, stops them with everything that they
// started, and finds them again after the agent was away.
//
// Each worker is held by a shim, a process of Headrace's own binary (see ShimMain) in a session of its own. The shim is a child
// subreaper, so no descendant of the worker escapes it; it puts the worker into a cgroup with its limits where that is allowed;
// and it alone starts, stops and outlives the worker. The agent may die at any time: nothing is lost but somebody who moves the
// lease. A directory per worker is all that both share:
//
//	<data>/lease                 the instant at which workers end when nobody moves it; see Lease
//	<data>/workers/<id>/         0700, or 0710 with the worker's group when workers have a user of their own
//	    spec.json                what to run; written by the agent, 0600, it may hold secrets
//	    shim.json                who holds it: pid, start time, boot id; made once, by link, so that a claim has one winner
//	    stop.json                the wish to stop it: reason and grace; SIGTERM tells the shim to read it
//	    exit.json                how it ended; written when its whole process tree is gone
//	    stdout, stderr           what it wrote, unless its Spec names a folder for logs
//	    shim.log                 what the shim itself had to say
//	    taken                    made when a worker that was taken has begun; see Take
//	    forgotten                made when the server knows the end: the directory may be cleaned
//	    work/                    the worker's own directory, its working directory unless the command names another
//	<data>/workers/<other id>    a link to <id>: the name under which a worker waited before it was taken
//	<data>/logs/                 folders of logs that a Spec names, each of one worker; they go with the worker's directory
//
// A worker whose shim is gone without exit.json has disappeared; what is left of its tree is killed before that is told.
package runtime
