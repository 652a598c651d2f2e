package label

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
)

// Bounds of what a constraint may be.
const (
	MaxText        = 512 // bytes
	MaxConstraints = 16  // that are said together
	maxValues      = 16  // of in and not in
)

// Expected shows what constraints look like, for messages.
const Expected = "write it as disk == nvme, disk != hdd, zone in (a, b), rack not in (r1, r2), gpu exists, " +
	"gpu not exists, cores > 16 or generation < 3"

// Parse reads a constraint. Its error says what was expected.
func Parse(text string) (c Constraint, err error) {
	if len(text) > MaxText {
		return c, fmt.Errorf("%.40q... has %d bytes; the most is %d", text, len(text), MaxText)
	}
	key, rest := word(text)
	if !keys.MatchString(key) {
		return c, fmt.Errorf("%.80q does not begin with the key of a label, which is %s: %s", text, KeyRule, Expected)
	}
	c.key = key
	if c.is, rest = operatorOf(rest); c.is == "" {
		return c, fmt.Errorf("%.80q has no operator after %q: %s", text, key, Expected)
	}
	if err := c.compareWith(strings.TrimSpace(rest)); err != nil {
		return c, fmt.Errorf("%.80q %w: %s", text, err, Expected)
	}
	return c, nil
}

// ParseAll reads the constraints of a field, and names the one that is wrong.
func ParseAll(field string, texts []string) (all []Constraint, err error) {
	if len(texts) > MaxConstraints {
		return nil, errs.Field(field, "%d constraints are more than %d", len(texts), MaxConstraints)
	}
	for i, text := range texts {
		c, err := Parse(text)
		if err != nil {
			return nil, errs.Field(fmt.Sprintf("%s[%d]", field, i), "%w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// word takes a key off the beginning of a text.
func word(text string) (key, rest string) {
	text = strings.TrimSpace(text)
	if end := strings.IndexAny(text, " =!<>("); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

// operatorOf takes an operator off the beginning of a text; it is empty if there is none.
func operatorOf(text string) (is operator, rest string) {
	text = strings.TrimSpace(text)
	for _, sign := range []operator{equal, unequal, lessThan, greatThan} {
		if rest, ok := strings.CutPrefix(text, string(sign)); ok {
			return sign, rest
		}
	}
	name, rest := word(text)
	if name == "not" {
		name, rest = word(rest)
		name = "not " + name
	}
	for _, known := range []operator{within, without, exists, lacks} {
		if name == string(known) {
			return known, rest
		}
	}
	return "", ""
}

// compareWith reads what stands after the operator.
func (c *Constraint) compareWith(text string) (err error) {
	switch c.is {
	case exists, lacks:
		if text != "" {
			return fmt.Errorf("has something after %s", c.is)
		}
		return nil
	case within, without:
		return c.compareWithList(text)
	}
	if !values.MatchString(text) {
		return fmt.Errorf("compares with %.80q, and a value is %s", text, ValueRule)
	}
	c.values = []string{text}
	if c.is != lessThan && c.is != greatThan {
		return nil
	}
	if c.number, err = strconv.ParseInt(text, 10, 64); err != nil {
		return fmt.Errorf("compares with %.80q, and %s compares whole numbers of at most 18 digits", text, c.is)
	}
	c.values = []string{strconv.FormatInt(c.number, 10)}
	return nil
}

// compareWithList reads (a, b). A list of one value means == or !=.
func (c *Constraint) compareWithList(text string) error {
	text, opened := strings.CutPrefix(text, "(")
	text, closed := strings.CutSuffix(text, ")")
	if !opened || !closed {
		return fmt.Errorf("has no list in parentheses after %s", c.is)
	}
	for part := range strings.SplitSeq(text, ",") {
		value := strings.TrimSpace(part)
		if !values.MatchString(value) {
			return fmt.Errorf("lists %.80q, and a value is %s", value, ValueRule)
		}
		c.values = append(c.values, value)
	}
	slices.Sort(c.values)
	c.values = slices.Compact(c.values)
	switch {
	case len(c.values) > maxValues:
		return fmt.Errorf("lists %d values; the most is %d", len(c.values), maxValues)
	case len(c.values) == 1 && c.is == within:
		c.is = equal
	case len(c.values) == 1:
		c.is = unequal
	}
	return nil
}
