// Package storage reads and writes files by URI: s3://bucket/key on any S3-compatible service, and file:///path on this machine or
// on a directory that machines share. Servers and agents use it for logs, entry points and archives, so that one thing behaves the
// same wherever it lies:
//
//   - A file is replaced whole or not at all: readers see the old content or the new, never a mixture.
//   - There are no folders, only names with slashes in them. Write makes what it needs; a folder can neither be read nor deleted,
//     and folders that have become empty are not listed.
//   - List is in the order of the names' bytes.
//   - To read behind the end of a file gives no bytes and no error, so that who follows a file can ask again later.
//   - To delete what is not there is no error.
//
// A client reaches file:// only below the directories, and with the rights, that its Access names, and follows no link below them: a
// URI is what a user wrote, and what lies in a shared directory is what users put there.
//
// What stands in a URI is taken as it is: %20 is three characters, and ? begins no query.
//
// Every request ends: a small one after 30 s with all its attempts, a large one when its connection was silent for 2 min. Requests
// are tried up to 4 times, but a body that breaks off is not: its reader gets an error and may read on from where it was.
//
// Errors have a kind of internal/errs: NotFound, Forbidden, Unauthorized, Invalid for what stays wrong, Unavailable for what may
// work later. Their messages name the URI and the next step; the service's own words are their cause, for the log.
package storage
