package property

import (
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command/words"
)

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
