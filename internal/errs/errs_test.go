package errs

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// What users wrote is repeated to them, and may have any length.
func TestErrors_AreBounded(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for _, err := range []*Error{New(NotFound, "there is no application %q", long), Field(long, "%s is wrong", long)} {
		if n := len(err.Error()); n > maxMessage+maxField+20 || !utf8.ValidString(err.Error()) {
			t.Errorf("%d bytes", n)
		}
	}
	if err := Field("name", "it is wrong"); err.Error() != "name: it is wrong" {
		t.Error(err)
	}
}
