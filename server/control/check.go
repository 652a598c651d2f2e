package control

import (
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
)

// Bounds of what users may attach (specification of security, section 1.2; of the API, section 3).
const (
	maxTags           = 200
	maxTagKey         = 128
	maxTagValue       = 256
	maxConfigurations = 100
	maxProperties     = 100
	maxNesting        = 10
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

// checkConfigurations checks classifications' number, names and nesting.
func checkConfigurations(field string, cs []state.Configuration, depth int) error {
	if len(cs) > maxConfigurations || depth > maxNesting {
		return errs.Field(field, "%d configurations nested %d deep are more than %d, %d deep", len(cs), depth, maxConfigurations, maxNesting)
	}
	seen := map[string]bool{}
	for _, c := range cs {
		switch {
		case strings.TrimSpace(c.Classification) == "":
			return errs.Field(field, "a configuration needs a classification such as spark-defaults")
		case seen[c.Classification]:
			return errs.Field(field, "the classification %q stands twice", c.Classification)
		case len(c.Properties) > maxProperties:
			return errs.Field(field, "the classification %q has %d properties; the most is %d", c.Classification, len(c.Properties), maxProperties)
		}
		seen[c.Classification] = true
		if err := checkConfigurations(field, c.Configurations, depth+1); err != nil {
			return err
		}
	}
	return nil
}
