package cli

import (
	"bytes"
	"io"
	"slices"
	"sync"
)

// maxLine bounds a line that is kept until it ends; a longer one is written in parts.
const maxLine = 64 << 10

// prefixed writes whole lines, each with a prefix.
type prefixed struct {
	prefix string
	to     io.Writer
	rest   []byte // the beginning of a line
}

// Write writes the lines that are whole.
func (p *prefixed) Write(data []byte) (int, error) {
	text := append(p.rest, data...)
	for {
		line, after, whole := cutLine(text)
		if !whole {
			p.rest = append(p.rest[:0], text...)
			return len(data), nil
		}
		if _, err := p.to.Write(slices.Concat([]byte(p.prefix), line, []byte("\n"))); err != nil {
			return 0, err
		}
		text = after
	}
}

// cutLine returns the first line of a text without its end, and what is after it; of a line that is too long, its first
// part. If whole is false, the line goes on in what is written next.
func cutLine(text []byte) (line, after []byte, whole bool) {
	end := bytes.IndexByte(text[:min(len(text), maxLine)], '\n')
	switch {
	case end >= 0:
		return text[:end], text[end+1:], true
	case len(text) >= maxLine:
		return text[:maxLine], text[maxLine:], true
	}
	return nil, nil, false
}

// Close writes a last line that did not end.
func (p *prefixed) Close() error {
	if len(p.rest) == 0 {
		return nil
	}
	_, err := p.Write([]byte("\n"))
	return err
}

// locked writes for one of several goroutines at a time.
type locked struct {
	mu *sync.Mutex
	to io.Writer
}

// Write writes all at once.
func (l *locked) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(data)
}

// maxKept bounds what a tail keeps.
const maxKept = 8 << 20

// tail keeps the last lines of what is written, and at most maxKept bytes of them.
type tail struct {
	lines int
	kept  []byte
}

// Write keeps what is written, and forgets what cannot be among the last lines any more.
func (t *tail) Write(data []byte) (int, error) {
	t.kept = append(t.kept, data...)
	if len(t.kept) > maxKept {
		t.kept = append([]byte(nil), t.last(maxKept/2)...)
	}
	return len(data), nil
}

// bytes returns the last lines.
func (t *tail) bytes() []byte { return t.last(maxKept) }

// last returns the last lines, and at most so many bytes of them.
func (t *tail) last(bound int) []byte {
	text := t.kept[max(len(t.kept)-bound, 0):]
	end := len(bytes.TrimSuffix(text, []byte("\n")))
	for range t.lines {
		if end = bytes.LastIndexByte(text[:end], '\n'); end < 0 {
			return text
		}
	}
	return text[end+1:]
}
