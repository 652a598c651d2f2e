package config

import (
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/label"
)

// Labels are the labels of a node. As a flag or a variable they are written KEY=VALUE,KEY=VALUE.
type Labels map[string]string

// String writes the labels as a flag has them.
func (l *Labels) String() string { return strings.ReplaceAll(label.Of(*l).String(), ", ", ",") }

// Set reads the labels of a flag; those of before no longer count.
func (l *Labels) Set(text string) error {
	*l = nil
	if text == "" {
		return nil
	}
	read := Labels{}
	for pair := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(pair, "=")
		if !found {
			return errs.New(errs.Invalid, "%.80q is not KEY=VALUE", pair)
		}
		read[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	*l = read
	return nil
}

// Type names the kind of value in help texts.
func (l *Labels) Type() string { return "labels" }
