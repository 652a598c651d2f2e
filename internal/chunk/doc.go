// Package chunk turns bytes into the messages of a stream and back: archives and logs that are too large for one
// message. Send cuts what a reader gives into chunks, and a Reader puts them together again, whatever their sizes.
package chunk
