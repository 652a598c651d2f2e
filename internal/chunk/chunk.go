package chunk

import (
	"context"
	"errors"
	"io"
)

// Size is the largest chunk that fits well into a message, in bytes.
const Size = 1 << 20

// Reader reads the chunks of a stream as bytes. One goroutine uses it.
type Reader struct {
	// Next returns the next chunk; io.EOF when the sender has closed.
	Next func() ([]byte, error)
	// Stop ends the stream; nil: it ends by itself.
	Stop func()

	rest  []byte // received and not yet read
	empty bool
}

// Empty says that a stream that was opened has no chunks.
func (r *Reader) Empty() bool { return r.empty }

// Of returns the Next of a Reader whose chunks are in messages: receive is a stream's Recv, and bytes gives what a
// message carries.
func Of[M any](receive func() (M, error), bytes func(M) []byte) func() ([]byte, error) {
	return func() ([]byte, error) {
		message, err := receive()
		if err != nil {
			return nil, err
		}
		return bytes(message), nil
	}
}

// Open begins a stream and waits for its first chunk, so that a sender that has nothing is passed over. A stream
// without chunks is read as no bytes. The stream's context covers the reading; done is called when the reader is
// closed, or at once if there is none.
func Open[M any, S interface{ Recv() (M, error) }](
	ctx context.Context, begin func(context.Context) (S, error), bytes func(M) []byte, done func(),
) (*Reader, error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reader{Stop: func() { cancel(); done() }}
	stream, err := begin(ctx)
	if err == nil {
		r.Next = Of(stream.Recv, bytes)
		err = r.first()
	}
	r.empty = r.Next != nil && errors.Is(err, io.EOF)
	if err != nil && !r.empty {
		r.Stop()
		return nil, err
	}
	return r, nil
}

// first waits for the first chunk, which Read then gives: only now is it known whether the sender has anything. The
// error is io.EOF if the stream is empty.
func (r *Reader) first() (err error) {
	r.rest, err = r.Next()
	return err
}

// Read reads what comes next; io.EOF when the sender has closed.
func (r *Reader) Read(p []byte) (n int, err error) {
	for len(r.rest) == 0 {
		if r.rest, err = r.Next(); err != nil {
			return 0, err
		}
	}
	n = copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close ends the stream.
func (r *Reader) Close() error {
	if r.Stop != nil {
		r.Stop()
	}
	return nil
}

// Send passes on what a reader gives, in chunks of at most size bytes, which are the callee's until it returns.
func Send(from io.Reader, size int, send func(chunk []byte) error) error {
	chunk := make([]byte, size)
	for {
		n, err := from.Read(chunk)
		if n > 0 {
			if err := send(chunk[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
