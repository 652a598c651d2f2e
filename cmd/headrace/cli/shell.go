package cli

import (
	"regexp"
	"strings"

	"github.com/headrace/headrace/cmd/headrace/output"
)

// plain matches words that no shell changes.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellWord writes a word so that a shell reads it whole.
func shellWord(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// shellLine writes a command so that it can be copied into a shell. Values that look like secrets are hidden.
func shellLine(command []string) string {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = shellWord(withoutSecret(word))
	}
	return strings.Join(words, " ")
}

// withoutSecret hides the value of a word KEY=VALUE that looks like a secret, or those of the words in it.
func withoutSecret(word string) string {
	key, value, found := strings.Cut(word, "=")
	if found && output.Hide(key, value) == output.Hidden {
		return key + "=" + output.Hidden
	}
	return output.HideWords(word)
}
