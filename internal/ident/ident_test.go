package ident

import (
	"strings"
	"testing"
)

func TestValidToken_IsWhatClientsSend(t *testing.T) {
	for text, want := range map[string]bool{
		"a": true, "Az09._-": true, strings.Repeat("x", 64): true,
		"": false, "a b": false, "é": false, "a/b": false, "a\n": false, strings.Repeat("x", 65): false,
	} {
		if ValidToken(text) != want {
			t.Errorf("%q is valid: %v", text, !want)
		}
	}
}
