package execve

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestArgument_AtTheEdge(t *testing.T) {
	for text, refused := range map[string]bool{
		"":                               false,
		"a\nb":                           false,
		"a\x00b":                         true,
		strings.Repeat("a", MaxString-1): false,
		strings.Repeat("a", MaxString):   true,
	} {
		if err := Argument(text); (err != nil) != refused {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

func TestVariable_AtTheEdge(t *testing.T) {
	for _, c := range []struct {
		name, value string
		refused     bool
	}{
		{"A", "", false},
		{"", "a", true},
		{"A=B", "a", true},
		{"A\x00", "a", true},
		{"A", "\x00", true},
		{"A", strings.Repeat("a", MaxString-3), false},
		{"A", strings.Repeat("a", MaxString-2), true},
	} {
		if err := Variable(c.name, c.value); (err != nil) != c.refused {
			t.Errorf("%q with %d bytes: %v", c.name, len(c.value), err)
		}
	}
}

// The kernel is asked: what is accepted starts, and the bound of one string is where the kernel's is.
func TestBounds_AreThoseOfTheKernel(t *testing.T) {
	run := func(arguments, variables []string) error {
		c := exec.Command("/bin/true", arguments...)
		c.Env = variables
		return c.Run()
	}
	if err := run(
		[]string{strings.Repeat("a", MaxString-1)}, []string{"A=" + strings.Repeat("a", MaxString-3)},
	); err != nil {
		t.Errorf("the largest strings: %v", err)
	}
	if err := run([]string{strings.Repeat("a", MaxString)}, nil); !errors.Is(err, syscall.E2BIG) {
		t.Errorf("an argument that is refused starts: %v", err)
	}
	if err := run(nil, []string{"A=" + strings.Repeat("a", MaxString-2)}); !errors.Is(err, syscall.E2BIG) {
		t.Errorf("a variable that is refused starts: %v", err)
	}
	many := make([]string, MaxTotal/(1+pointer))
	if size := Size(many...); size > MaxTotal || run(many, nil) != nil {
		t.Errorf("%d empty arguments of %d bytes do not start", len(many), size)
	}
	large := slices.Repeat([]string{strings.Repeat("a", MaxString-1-pointer)}, MaxTotal/MaxString)
	if size := Size(large...); Total(size) != nil || run(large, nil) != nil {
		t.Errorf("%d large arguments of %d bytes do not start", len(large), size)
	}
}

func TestTotal_CountsPointers(t *testing.T) {
	if Size("", "a") != 2*(1+pointer)+1 || EnvironmentSize(map[string]string{"A": "b"}) != 4+pointer ||
		Total(MaxTotal) != nil || Total(MaxTotal+1) == nil {
		t.Error("it counts something else")
	}
}
