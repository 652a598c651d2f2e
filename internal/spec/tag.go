package spec

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// MaxTags bounds the tags of an application or a job run.
const MaxTags = 50

// The bounds of a tag, in characters.
const (
	maxTagKey   = 128
	maxTagValue = 256
)

// WithTags returns a spec with other tags.
func WithTags[S interface {
	*specv1.Application | *specv1.JobRun
	proto.Message
	SetTags(map[string]string)
}](s S, tags map[string]string) S {
	other := proto.CloneOf(s)
	other.SetTags(maps.Clone(tags))
	return other
}

// CheckTags checks the number and the words of the tags in a field of a request.
func CheckTags(field string, tags map[string]string) error {
	if len(tags) > MaxTags {
		return errs.Field(field, "%d tags are more than a resource may have: the most is %d", len(tags), MaxTags)
	}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if n := utf8.RuneCountInString(key); n < 1 || n > maxTagKey {
			return errs.Field(field, "the key %.40q has %d characters, not 1 to %d", key, n, maxTagKey)
		}
		if n := utf8.RuneCountInString(tags[key]); n > maxTagValue {
			return errs.Field(field, "the value of %q has %d characters; the most is %d", key, n, maxTagValue)
		}
		for _, text := range []string{key, tags[key]} {
			if err := checkTagText(field, key, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkTagText(field, key, text string) error {
	for _, prefix := range []string{"aws:", "headrace:"} {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return errs.Field(field, "the tag %q begins with %s, which is reserved, in its key or its value", key, prefix)
		}
	}
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Zs, r) && !strings.ContainsRune("_.:/=+-@", r) {
			return errs.Field(
				field,
				"the tag %q has the character %q; there are letters, digits, spaces and _ . : / = + - @",
				key,
				r,
			)
		}
	}
	return nil
}
