// Package logreader reads the log of a worker as one stream of bytes, wherever its parts are: on the worker's node
// while that answers, and else where the run's monitoring keeps logs.
//
//	reader.go    a Reader reads a log for a client
//	copy.go      the order in which node and storage are asked, and where a log ends
//	node.go      a log on its node, over a data stream that the node's agent opens
//	storage.go   a log that is stored: managed, or below an S3 or file URI
//
// Node and storage count the bytes of a log alike, so a reader goes on with one where the other ended, and nothing is
// doubled or left out. If a log may lack its end, a note says why.
package logreader
