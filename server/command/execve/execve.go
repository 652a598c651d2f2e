package execve

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What a process may have, in bytes.
const (
	MaxString = 128 << 10 // one argument or variable, with its closing zero
	MaxTotal  = 1 << 20   // all of them, each with its closing zero and its pointer
)

// pointer is the size of a pointer to a string.
const pointer = 8

var errZero = errors.New("it holds a zero byte, which would end it")

// Argument returns why a text cannot be an argument of a process, or nil if it can. Errors never repeat the text, which
// may be a secret.
func Argument(text string) error {
	switch n := len(text) + 1; {
	case strings.IndexByte(text, 0) >= 0:
		return errZero
	case n > MaxString:
		return fmt.Errorf(
			"it has %d bytes with its closing zero; a process takes at most %d in one argument: put it into a file",
			n, MaxString)
	}
	return nil
}

// Variable returns why a variable cannot be in the environment of a process, or nil if it can.
func Variable(name, value string) error {
	switch n := len(name) + len("=") + len(value) + 1; {
	case name == "":
		return errors.New("a variable needs a name")
	case strings.Contains(name, "="):
		return errors.New("the name of a variable cannot hold =")
	case strings.IndexByte(name, 0) >= 0 || strings.IndexByte(value, 0) >= 0:
		return errors.New("its name or its value holds a zero byte, which would end it")
	case n > MaxString:
		return fmt.Errorf(
			"it has %d bytes as NAME=value with its closing zero; a process takes at most %d in one variable: put it "+
				"into a file",
			n, MaxString)
	}
	return nil
}

// Size returns how many bytes of MaxTotal texts use.
func Size(texts ...string) (bytes int) {
	for _, text := range texts {
		bytes += len(text) + 1 + pointer
	}
	return bytes
}

// EnvironmentSize returns how many bytes of MaxTotal variables use.
func EnvironmentSize(variables map[string]string) (bytes int) {
	for name, value := range variables {
		bytes += len(name) + len("=") + len(value) + 1 + pointer
	}
	return bytes
}

// Total returns why a process cannot have so many bytes of arguments and variables, or nil if it can.
func Total(bytes int) error {
	if bytes > MaxTotal {
		return fmt.Errorf(
			"its arguments and variables have %d bytes, each counted with its closing zero and a pointer; a process "+
				"takes at most %d: put some into files",
			bytes, MaxTotal)
	}
	return nil
}

// Environment returns the first variable, by name, that cannot be in an environment, and why. If all can, there is no
// error.
func Environment(variables map[string]string) (name string, err error) {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if err := Variable(name, variables[name]); err != nil {
			return name, err
		}
	}
	return "", nil
}
