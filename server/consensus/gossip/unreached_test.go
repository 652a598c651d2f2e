package gossip

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headrace/headrace/internal/seldom"
)

// Servers that begin find each other after a while: that is no warning. Later it is one, which says what to change, and
// is not repeated with every try.
func TestC6_AServerThatFindsNotAllSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		u := &unreached{began: time.Now(), cause: seldom.NewCause(slog.New(slog.NewTextHandler(&said, nil)))}
		wrong := errors.New("1 error occurred:\n\t* failed to join 10.0.0.2:7403: No installed keys could decrypt the " +
			"message")
		u.tell(0, 2, wrong)
		if said.Len() > 0 {
			t.Errorf("at once it says %s", said.String())
		}
		<-time.After(beginTime + time.Second)
		for range 10 {
			u.tell(0, 2, wrong)
		}
		if strings.Count(said.String(), "level=WARN") != 1 || !strings.Contains(said.String(), "keyring_file") {
			t.Errorf("it says %s", said.String())
		}
		u.tell(1, 2, nil)
		if !strings.Contains(said.String(), "do not answer") {
			t.Errorf("it says %s", said.String())
		}
	})
}
