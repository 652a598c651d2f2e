package manifest

import (
	"fmt"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
)

// maxProblems bounds how many problems of one file are told.
const maxProblems = 20

// Problem is what is wrong at one position of a file.
type Problem struct {
	Source string // the file, or the flag
	codec.Problem
}

// String writes it as compilers do: file:line: path: text.
func (p Problem) String() string {
	text := p.Source
	if p.Line > 0 {
		text += fmt.Sprintf(":%d", p.Line)
	}
	if p.Path != "" {
		text += ": " + p.Path
	}
	return text + ": " + p.Text
}

// Error returns problems as one Invalid error about a field; nil if there are none.
func Error(field string, problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	var lines []string
	for i, p := range problems {
		if i == maxProblems {
			lines = append(lines, fmt.Sprintf("and %d more", len(problems)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return errs.Field(field, "cannot use what is written there:\n  %s", strings.Join(lines, "\n  "))
}
