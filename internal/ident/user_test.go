package ident

import (
	"strings"
	"testing"
)

func TestUserProblem_NamesFitIntoAnARNAndOntoATerminal(t *testing.T) {
	for _, name := range []string{"ann", "ci@example.com", "A_1+=,.@-", strings.Repeat("x", MaxUser)} {
		if problem := UserProblem(name); problem != "" {
			t.Errorf("%q: %s", name, problem)
		}
	}
	for name, told := range map[string]string{
		"":                             "0 characters",
		strings.Repeat("x", MaxUser+1): "65 characters",
		"a b":                          `' '`,
		"a/b":                          `'/'`,
		"a:b":                          `':'`,
		"ä":                            `'ä'`,
		"a\x1b[2J":                     `'\x1b'`,
		"a\u202e":                      `'\u202e'`,
		"a\xff":                        `'�'`,
	} {
		if problem := UserProblem(name); !strings.Contains(problem, told) {
			t.Errorf("%q: %q does not name %q", name, problem, told)
		}
	}
}
