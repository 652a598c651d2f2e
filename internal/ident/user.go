package ident

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxUser is what the name of a user may have, in characters: it becomes the end of an ARN.
const MaxUser = 64

// UserProblem returns what is wrong with the name of a user, whoever says it: a certificate or an access key. Empty:
// nothing is. Two who have the same name are the same user.
func UserProblem(name string) string {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxUser {
		return fmt.Sprintf("%.80q has %d characters, not 1 to %d", name, n, MaxUser)
	}
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune("_+=,.@-", r) {
			return fmt.Sprintf("%q has the character %q; there are letters, digits and _ + = , . @ -", name, r)
		}
	}
	return ""
}
