package storage

import (
	"context"
	"io"
)

// body is a file's content on its way. Its errors name the file.
type body struct {
	io.ReadCloser
	ctx    context.Context // the caller's, which holds until Close
	at     location
	config Config
}

// Read returns bytes as they arrive.
func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = b.config.refusal(b.ctx, "read", b.at, err)
	}
	return n, err
}
