package wire

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/headrace/headrace/internal/errs"
)

// replacement is what JSON is read as where it holds no text: bytes that are no UTF-8, and halves of characters such as \ud800.
const replacement = string(utf8.RuneError)

// checkText refuses a body of which a text would be kept as something else than was sent.
func checkText(body []byte, tree any) error {
	if utf8.Valid(body) && !bytes.Contains(body, []byte(`\u`)) {
		return nil
	}
	if bytes.Contains(body, []byte(replacement)) || bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
		return nil // the client itself writes it: that is text
	}
	return lost(tree, "")
}

// lost returns an error about the first text, by its path, of which something was lost.
func lost(said any, path string) error {
	switch said := said.(type) {
	case string:
		if before, _, is := strings.Cut(said, replacement); is {
			return errs.Field(path, "character %d is no valid UTF-8", utf8.RuneCountInString(before)+1)
		}
	case []any:
		for i, each := range said {
			if err := lost(each, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(said)) {
			if path != "" && strings.Contains(key, replacement) { // members that the API does not have are not read
				return errs.Field(path, "the name %q is no valid UTF-8", key)
			}
			if err := lost(said[key], join(path, key)); err != nil {
				return err
			}
		}
	}
	return nil
}
