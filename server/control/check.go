package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/printable"
)

// Bounds of what users may attach (specification of the API, section 3), lengths in characters.
const (
	maxConfigurations = 100
	maxProperties     = 100
	maxNesting        = 10
	maxPropertyText   = 1024 // of a key, a value and a classification
)

// checkLine holds what checkText does, and that a text stands in one line and does nothing to a terminal.
func checkLine(field, text string, required bool, most int) error {
	if err := checkText(field, text, required, most); err != nil {
		return err
	}
	return checkPrintable(field, "", text)
}

// checkPrintable holds that a text does nothing to a terminal; what begins the message, such as: the key of.
func checkPrintable(field, what, text string) error {
	if problem := printable.Check(text); problem != "" {
		return errs.Field(field, "%s%s; names are shown on terminals, so leave it out", what, problem)
	}
	return nil
}

// checkText holds that a text is at most so long and, if it must be there, more than space.
func checkText(field, text string, required bool, most int) error {
	n := utf8.RuneCountInString(text)
	switch {
	case !utf8.ValidString(text):
		return errs.Field(field, "it is no valid UTF-8")
	case strings.IndexByte(text, 0) >= 0:
		return errs.Field(field, "it holds a zero byte")
	case required && strings.TrimSpace(text) == "":
		return errs.Field(field, "it is empty, and needs 1 to %d characters", most)
	case text != "" && strings.TrimSpace(text) == "":
		return errs.Field(field, "it is nothing but space; leave it out, or write up to %d characters", most)
	case n > most:
		return errs.Field(field, "it has %d characters; the most is %d", n, most)
	}
	return nil
}

// checkConfigurations checks classifications' number, names, properties and nesting.
func checkConfigurations(field string, cs []state.Configuration) error {
	return checkNested(field, cs, 1)
}

func checkNested(field string, cs []state.Configuration, depth int) error {
	if len(cs) > maxConfigurations {
		return errs.Field(field, "%d configurations are more than %d", len(cs), maxConfigurations)
	}
	if len(cs) > 0 && depth > maxNesting {
		return errs.Field(field, "configurations are nested more than %d deep", maxNesting)
	}
	seen := map[string]bool{}
	for _, c := range cs {
		if err := checkConfiguration(field, c, seen); err != nil {
			return err
		}
		if err := checkNested(field, c.Configurations, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func checkConfiguration(field string, c state.Configuration, seen map[string]bool) error {
	switch {
	case strings.TrimSpace(c.Classification) == "":
		return errs.Field(field, "a configuration needs a classification such as spark-defaults")
	case strings.IndexByte(c.Classification, 0) >= 0:
		return errs.Field(field, "the classification %.40q holds a zero byte", c.Classification)
	case utf8.RuneCountInString(c.Classification) > maxPropertyText:
		return errs.Field(field, "the classification %.40q has more than %d characters", c.Classification, maxPropertyText)
	case seen[c.Classification]:
		return errs.Field(field, "the classification %q stands twice", c.Classification)
	case len(c.Properties) > maxProperties:
		return errs.Field(field, "the classification %q has %d properties; the most is %d", c.Classification, len(c.Properties), maxProperties)
	}
	seen[c.Classification] = true
	if err := checkPrintable(field, fmt.Sprintf("the classification %.40q: ", c.Classification), c.Classification); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(c.Properties)) {
		value := c.Properties[key]
		if strings.IndexByte(key, 0) >= 0 || strings.IndexByte(value, 0) >= 0 {
			return errs.Field(field, "the property %.40q in %.40q holds a zero byte", key, c.Classification)
		}
		if n := utf8.RuneCountInString(key); strings.TrimSpace(key) == "" || n > maxPropertyText {
			return errs.Field(field, "the classification %q has a property %.40q of %d characters, not 1 to %d", c.Classification, key, n, maxPropertyText)
		}
		if err := checkPrintable(field, fmt.Sprintf("the property %.40q of %q: ", key, c.Classification), key); err != nil {
			return err
		}
		if n := utf8.RuneCountInString(value); n > maxPropertyText {
			return errs.Field(field, "the value of %q in %q has %d characters; the most is %d", key, c.Classification, n, maxPropertyText)
		}
	}
	return nil
}
