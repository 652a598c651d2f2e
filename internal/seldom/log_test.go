package seldom_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/seldom"
)

func TestLog_SaysAMessageOnceAMinuteAndHowManyWereLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		log := seldom.New(slog.New(slog.NewTextHandler(&said, nil)))
		for range 1000 {
			log.Warn("wrong")
		}
		log.Warn("another", "why", "x")
		<-time.After(seldom.Every)
		log.Warn("wrong")
		log.Warn("wrong")
		if got := said.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "msg=wrong left_out=999\n") ||
			!strings.Contains(got, "msg=another why=x\n") {
			t.Errorf("the log is\n%s", got)
		}
	})
}
