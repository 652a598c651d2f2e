// Package shipping takes what workers write to where it outlives their node: stdout and stderr of every worker, and the
// event logs of Spark drivers, every few seconds, to the destinations that the worker's assignment names. Package
// internal/logpath has the layout.
//
// What is new of a stream is compressed once, as a further gzip member of a staging file; a part of the stream, 128 MiB
// before gzip, has a staging file of its own. The cursor beside it says how far the stream is in staging: an agent that
// dies at any moment goes on there, and nothing is lost or doubled. A destination gets the whole staging file anew when
// it has grown, or, on the servers' disks, what it has not yet: each file is on two servers. Parts that every
// destination has are removed, and their bytes of the worker's own file are given back to the disk, but for the newest
// 128 MiB, which readers look at most.
//
//	<data>/shipping/<worker>/
//	    shipment.json         what is shipped from where to where
//	    stdout.json           the cursor; stderr.json likewise
//	    stdout_<part>.gz      staging
//
// Of an event log in parts the same holds: a part that Spark has ended, and every destination has, is removed from the
// driver's home, but for the newest ones. They stay there as the driver's own, and nobody reads them: a driver that
// runs shows itself, and its history comes from a destination.
//
// A worker's directory is kept while it has a shipment. A shipment ends when its worker has, and every destination has
// all of it; what no destination takes is tried for a day, and then given up.
//
//	shipper.go   all shipments: begun, resumed, ended, and which is worked on
//	shipment.go  what is taken of a worker, and to where
//	task.go      the work on one shipment
//	stream.go    stdout or stderr: compressed, staged, and given back to the disk
//	events.go    the event log of a Spark driver
//	trim.go      what of it stays on the node
//	sink.go      a destination to write to: object storage, or a directory that machines share
//	servers.go   a destination to write to: two of the cluster's servers
package shipping
