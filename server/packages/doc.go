// Package packages keeps on a server what Spark packages (--packages) were resolved to, so that a cluster resolves each set once:
// the agent that needs it first brings the jars as one archive, and the others fetch it from here.
//
//	<dir>/<key>            an archive; the key says which packages, exclusions, repositories and release were resolved
//	<dir>/.incoming-*      one that is being received; removed when that fails
//
// A server that lacks an archive asks the others before it says that there is none, and keeps what it gets. What was not asked for
// the longest goes when all together are larger than the limit: it can be resolved again. What an archive holds is between agents.
package packages
