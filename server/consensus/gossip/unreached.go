package gossip

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/seldom"
)

// beginTime is how long servers that begin together may take to find each other, before it is a warning that they do
// not.
const beginTime = 10 * time.Second

// otherKey is what the library says of a message that was encrypted with another key.
const otherKey = "no installed keys could decrypt"

// unreached tells that not all servers can be reached, and why.
type unreached struct {
	began time.Time
	cause *seldom.Cause
}

// tell notes how a join ended: how many of all servers it reached.
func (u *unreached) tell(n, all int, err error) {
	if n >= all {
		u.cause.Cease()
		return
	}
	if time.Since(u.began) > beginTime {
		u.cause.Warn("not all servers can be reached", whyApart(err), "reached", n, "of", all)
	}
}

// whyApart says in one line why a join did not reach all.
func whyApart(err error) error {
	if err == nil {
		return errors.New("some of those in join do not answer")
	}
	said := strings.Join(strings.Fields(err.Error()), " ")
	if strings.Contains(strings.ToLower(said), otherKey) {
		return fmt.Errorf("keyring_file is not the same file here and there: copy that of the other servers: %s", said)
	}
	return errors.New(said)
}
