// Package storage reads and writes files by URI: s3://bucket/key on any S3-compatible service, and file:///path on this
// machine or in a directory that machines share. Servers and agents use it for logs, entry points and archives. A file
// behaves the same wherever it lies:
//
//   - A file is replaced whole or not at all: readers see the old content or the new, never a mixture.
//   - There are no folders, only names with slashes in them. Write makes the folders that it needs. A folder can be
//     neither read nor deleted, and folders that have become empty are not listed.
//   - List is in the order of the names' bytes.
//   - A read after the end of a file gives no bytes and no error, so that a reader who follows the file can ask again.
//   - It is no error to delete a file that is not there.
//
// A client reaches file:// only below the directories, and with the rights, that its Access names. It follows no link
// below them: users write URIs, and put what they like into shared directories.
//
// A URI is taken as it is: %20 is three characters, and ? begins no query.
//
// Every request ends: a small one after 30 s with all its tries, a large one when its connection was silent for 2 min.
// A request is tried up to 4 times. If a body breaks off, it is not asked for again: its reader gets an error and may
// read on from where it was.
//
// Errors have a kind of internal/errs: NotFound, Forbidden, Unauthorized, Invalid for what stays wrong, Unavailable for
// what may work later. Their messages name the URI and the next step; the service's own words are their cause, for the
// log.
//
//	client.go       a client, and what both kinds of storage can do; uri.go: URIs; info.go: what is known of a file
//	access.go       how far file:// reaches
//	file.go         file://: file_dir.go, file_list.go, file_write.go; failure.go: its errors
//	config.go       how s3:// is reached; credentials.go: as whom
//	s3.go           s3://: s3_list.go, s3_body.go, s3_write.go; s3_options.go: how requests are made
//	s3_failure.go   its errors; s3_reason.go: in a few words
package storage
