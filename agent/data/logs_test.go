package data

import (
	"io"
	"math"
	"testing"
)

// holed is a log of a hundred bytes with data in a part of it.
type holed struct{ from, to int64 }

func (holed) Close() error { return nil }

func (holed) ReadAt(p []byte, offset int64) (int, error) {
	if n := int(100 - offset); n < len(p) {
		return n, io.EOF
	}
	return len(p), nil
}

func (h holed) Data(offset int64) (begins, ends int64) {
	if offset >= h.to {
		return math.MaxInt64, math.MaxInt64
	}
	return max(offset, h.from), h.to
}

// What was given back to the disk reads as zeros, which nobody is sent.
func TestUpToHole_SendsNoZerosOfHoles(t *testing.T) {
	for name, test := range map[string]struct {
		log    holed
		offset int64
		want   int
		hole   bool
	}{
		"no hole":             {holed{0, 100}, 0, 100, false},
		"as far as the hole":  {holed{0, 60}, 10, 50, false},
		"the hole":            {holed{0, 60}, 60, 0, true},
		"the beginning is":    {holed{40, 100}, 0, 0, true},
		"behind the hole":     {holed{40, 100}, 40, 60, false},
		"in the last of data": {holed{40, 100}, 99, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			part := make([]byte, 100)
			n, err := test.log.ReadAt(part, test.offset)
			n, err = upToHole(test.log, test.offset, n, err)
			if hole := err != nil && err != io.EOF; n != test.want || hole != test.hole {
				t.Errorf("%d bytes, %v, want %d", n, err, test.want)
			}
		})
	}
}
