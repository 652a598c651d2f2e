package chunk

import (
	"bytes"
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
		if err := r.First(); err != nil && !errors.Is(err, io.EOF) {
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
