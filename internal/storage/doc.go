// Package storage reads and writes files by URI: s3://bucket/key on any S3-compatible service, and file:///path on this machine or
// on a directory that machines share. Servers and agents use it for logs, entry points and archives, so that one thing behaves the
// same wherever it lies.
package storage
