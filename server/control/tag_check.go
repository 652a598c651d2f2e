package control

import (
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/errs"
)

const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// checkTags checks tags' number and lengths.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return errs.Field("tags", "%d tags are more than %d", len(tags), maxTags)
	}
	for k, v := range tags {
		if n := utf8.RuneCountInString(k); n < 1 || n > maxTagKey {
			return errs.Field("tags", "the key %.40q has %d characters, not 1 to %d", k, n, maxTagKey)
		}
		if n := utf8.RuneCountInString(v); n > maxTagValue {
			return errs.Field("tags", "the value of %q has %d characters; the most is %d", k, n, maxTagValue)
		}
		if strings.HasPrefix(strings.ToLower(k), "aws:") {
			return errs.Field("tags", "the key %q begins with aws:, which is reserved", k)
		}
	}
	return nil
}
