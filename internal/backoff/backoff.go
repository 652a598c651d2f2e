package backoff

import "time"

// Doubling is pauses that double. A copy goes on by itself. One goroutine uses it.
type Doubling struct {
	// First is the first pause, which is above 0. It is made as it is, even if it is longer than Max.
	First time.Duration
	// Max is the longest of all other pauses. It may be changed between two calls of Next.
	Max time.Duration

	last time.Duration // 0: none was made since the beginning, or since Reset
}

// Next returns the pause to make now.
func (d *Doubling) Next() time.Duration {
	if d.last == 0 {
		d.last = d.First
	} else {
		d.last = double(d.last, d.Max)
	}
	return d.last
}

// Reset makes the next pause the first one again. It is called after a success.
func (d *Doubling) Reset() { d.last = 0 }

// After returns the pause to make after a number of failures in a row. After none it is the first pause, too. It is for
// callers that count failures in state which outlives them; others use Doubling.
func After(failures uint32, first, longest time.Duration) time.Duration {
	pause := first
	for n := uint32(1); n < failures && pause != longest; n++ {
		pause = double(pause, longest)
	}
	return pause
}

// double returns twice a pause, but at most the longest. It does not overflow.
func double(pause, longest time.Duration) time.Duration {
	if pause > longest-pause {
		return longest
	}
	return 2 * pause
}

// Jitter returns a pause of a random length, from half of the given one up to all of it. random returns a random length
// of at least 0 and below the one that it is given, which is above 0; rand.N does.
func Jitter(pause time.Duration, random func(time.Duration) time.Duration) time.Duration {
	half := pause / 2
	if half <= 0 {
		return pause
	}
	return half + random(half)
}
