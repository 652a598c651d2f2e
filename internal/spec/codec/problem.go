package codec

import (
	"github.com/headrace/headrace/internal/errs"
)

// Problem is what is wrong with one value.
type Problem struct {
	Line int    // from 1; 0: not known
	Path string // in the names of the dialect; empty: the whole
	Text string
}

// Error returns the first problem as an Invalid error about its path; nil if there is none.
func Error(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	return errs.Field(problems[0].Path, "%s", problems[0].Text)
}
