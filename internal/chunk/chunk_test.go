package chunk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

// What was sent in chunks of any size is read as it was, whatever the chunks and the reads are.
func TestReader_GivesWhatWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		var sent [][]byte
		err := Send(bytes.NewReader(text), rapid.IntRange(1, 7).Draw(t, "size"), func(chunk []byte) error {
			sent = append(sent, bytes.Clone(chunk))
			if rapid.Bool().Draw(t, "an empty one follows") {
				sent = append(sent, nil)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r := &Reader{Next: func() ([]byte, error) {
			if len(sent) == 0 {
				return nil, io.EOF
			}
			next := sent[0]
			sent = sent[1:]
			return next, nil
		}}
		if err := r.first(); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, text) {
			t.Fatalf("read %v, %v, sent %v", got, err, text)
		}
	})
}

func TestSend_EndsWithTheFirstError(t *testing.T) {
	full, calls := errors.New("full"), 0
	err := Send(bytes.NewReader([]byte("abc")), 1, func([]byte) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestReader_StopsItsStream(t *testing.T) {
	stopped := false
	r := &Reader{Stop: func() { stopped = true }}
	if err := r.Close(); err != nil || !stopped {
		t.Errorf("%v, %v", err, stopped)
	}
}

// message is a message that carries bytes.
type message struct{ bytes []byte }

func (m *message) get() []byte { return m.bytes }

func TestOf_TakesWhatMessagesCarry(t *testing.T) {
	broken := errors.New("broken")
	sent := []*message{{[]byte("a chunk, ")}, {}, {[]byte("another")}}
	receive := func() (*message, error) {
		if len(sent) == 0 {
			return nil, broken
		}
		next := sent[0]
		sent = sent[1:]
		return next, nil
	}
	got, err := io.ReadAll(&Reader{Next: Of(receive, (*message).get)})
	if string(got) != "a chunk, another" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", got, err)
	}
}

// stream is a stream of chunks that ends with an error.
type stream struct {
	chunks []string
	end    error
}

func (s *stream) Recv() (*message, error) {
	if len(s.chunks) == 0 {
		return nil, s.end
	}
	next := &message{[]byte(s.chunks[0])}
	s.chunks = s.chunks[1:]
	return next, nil
}

// A stream is opened once its sender has something, or nothing to send; what it holds is given back once either way.
func TestOpen_KnowsWhetherTheSenderHasAnything(t *testing.T) {
	lacks := errors.New("lacks it")
	for name, c := range map[string]struct {
		sent  *stream
		begun error
		read  string
		want  error
	}{
		"chunks":        {sent: &stream{[]string{"one, ", "two"}, io.EOF}, read: "one, two"},
		"nothing":       {sent: &stream{nil, io.EOF}},
		"no such thing": {sent: &stream{nil, lacks}, want: lacks},
		"no stream":     {begun: lacks, want: lacks},
		"ended before":  {begun: io.EOF, want: io.EOF},
	} {
		var held context.Context
		done := 0
		begin := func(ctx context.Context) (*stream, error) { held = ctx; return c.sent, c.begun }
		r, err := Open(t.Context(), begin, (*message).get, func() { done++ })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if got, err := io.ReadAll(r); string(got) != c.read || err != nil || held.Err() != nil {
				t.Errorf("%s: read %q, %v", name, got, err)
			}
			_ = r.Close()
		}
		if done != 1 || held.Err() == nil {
			t.Errorf("%s: given back %d times, and the stream's end is %v", name, done, held.Err())
		}
	}
}
