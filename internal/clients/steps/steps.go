package steps

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/smithy-go"
)

const (
	pollEvery = 250 * time.Millisecond
	pollFor   = 5 * time.Minute
)

// Steps counts what failed.
type Steps struct{ failed bool }

// Do makes one call and prints what came of it. want is the code of the error that it must have; empty: none.
func (s *Steps) Do(name, want string, call func() error) {
	began := time.Now()
	err := call()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if api := smithy.APIError(nil); errors.As(err, &api) && (want != "" || err == nil) {
		got = api.ErrorCode()
	}
	word := "ok  "
	if got != want {
		word = "FAIL"
		s.failed = true
	}
	fmt.Println(word, name, fmt.Sprintf("%.2fs", time.Since(began).Seconds()), got)
}

// Exit ends the program.
func (s *Steps) Exit() {
	if s.failed {
		os.Exit(1)
	}
}

// Until asks until the state is that one.
func Until(want string, get func() (string, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for end := time.Now().Add(pollFor); ; <-tick.C {
		state, err := get()
		if err != nil || state == want {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s after %s, not %s", state, pollFor, want)
		}
	}
}

// Holds is an error unless a condition holds.
func Holds(condition bool, format string, args ...any) error {
	if condition {
		return nil
	}
	return fmt.Errorf(format, args...)
}
