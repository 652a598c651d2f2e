// Package servers is the way from an agent to the cluster's servers: which there are, and how one is called.
//
//	servers.go  whom the agent knows: the servers that a leader named, which outlive a restart, and before that those
//	            of the configuration
//	dial.go     a connection to one of them, on which the node says who it is
//	logs.go     logs that are stored on servers and read from them, over connections that are kept
//	open.go     what servers send in chunks: the first server that has it is read
//	release.go  archives of releases
//	upload.go   files that users gave the servers, for workers of this node
//
// The servers' addresses are in servers.json in the data directory, with how long leases are. Nothing runs here, so
// there is no Run; Close closes the connections that are kept.
package servers
