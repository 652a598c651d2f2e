package seldom

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLog_SaysAMessageOnceAMinuteAndHowManyWereLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		log := New(slog.New(slog.NewTextHandler(&said, nil)))
		for range 1000 {
			log.Warn("wrong")
		}
		log.Warn("another", "why", "x")
		<-time.After(Every)
		log.Warn("wrong")
		log.Warn("wrong")
		if got := said.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "msg=wrong left_out=999\n") ||
			!strings.Contains(got, "msg=another why=x\n") {
			t.Errorf("the log is\n%s", got)
		}
	})
}

// Messages about ever new ones are forgotten.
func TestLog_IsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := New(slog.New(slog.DiscardHandler))
		log.Of(slog.LevelWarn, "old", "wrong")
		<-time.After(Every)
		for i := range 3 * maxLines {
			log.Of(slog.LevelWarn, strconv.Itoa(i), "wrong")
			if len(log.lines) > maxLines {
				t.Fatalf("%d messages are kept", len(log.lines))
			}
		}
	})
}

// A cause is told at once, then after 1, 2, 4 minutes and so on, and again at once after all was well.
func TestCause_BacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		cause := NewCause(slog.New(slog.NewTextHandler(&said, nil)))
		wrong := errors.New("why")
		for range 10 * 60 {
			cause.Warn("wrong", wrong)
			<-time.After(time.Second)
		}
		if n := strings.Count(said.String(), "error=why"); n != 4 { // at 0, 1, 3 and 7 minutes
			t.Errorf("said %d times in ten minutes", n)
		}
		cause.Warn("wrong", nil)
		cause.Warn("wrong", wrong)
		if n := strings.Count(said.String(), "error=why"); n != 5 {
			t.Errorf("said %d times", n)
		}
	})
}

// A connection that is tried again has another port on this side: it is the same cause.
func TestC6_APortOfThisSideMakesNoOtherCause(t *testing.T) {
	var said bytes.Buffer
	cause := NewCause(slog.New(slog.NewTextHandler(&said, nil)))
	for port := range 20 {
		cause.Warn("wrong", fmt.Errorf("server a: write tcp 10.0.0.1:%d->10.0.0.2:7401: broken pipe", 40000+port))
	}
	if n := strings.Count(said.String(), "broken pipe"); n != 1 {
		t.Errorf("said %d times:\n%s", n, said.String())
	}
	cause.Warn("wrong", errors.New("server a: write tcp 10.0.0.1:40000->10.0.0.3:7401: broken pipe"))
	if !strings.Contains(said.String(), "10.0.0.3") {
		t.Error("another server is another cause")
	}
}
