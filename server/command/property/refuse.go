package property

import (
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/support"
	"github.com/headrace/headrace/server/command/words"
)

// CheckSupport refuses properties that no version of Headrace acts on: here those that are inherited, or stand in
// parameters. Those of a request's configurations were refused before.
func (l Levels) CheckSupport() error {
	for _, key := range l.Names() {
		if !l.Asked(key) {
			continue
		}
		if problem := support.Property(key, l.Text(key)); problem != "" {
			return errs.Field(l.Field(key), "%s", problem)
		}
	}
	return nil
}

// Invalid is an error about a property. It repeats the value: call it only for properties that cannot hold a secret.
func (l Levels) Invalid(key, format string, args ...any) error {
	args = append([]any{key, words.Excerpt(l.Text(key))}, args...)
	return errs.Field(l.Field(key), "%s=%s: "+format, args...)
}

// Hidden is an error about a property. It does not repeat the value, which may be secret.
func (l Levels) Hidden(key, format string, args ...any) error {
	args = append([]any{key}, args...)
	return errs.Field(l.Field(key), "%s=***: "+format, args...)
}
