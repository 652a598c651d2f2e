package dispatch

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
)

// GrantTime is how long a node may read the logs of a history that it was asked to show.
const GrantTime = 2 * time.Hour

// GrantUse is the use of the key that signs grants.
const GrantUse = "log grants"

// maxGrant bounds a grant, in bytes.
const maxGrant = 128

// Grants makes and checks the grants by which nodes read folders of managed logs. The server that asks a node to show a
// history makes a grant, which travels with the request. Any server believes it when the node shows it, as all servers
// have the key, so no server has to remember which node was asked.
type Grants struct {
	// Key signs, and is the same on every server.
	Key []byte
}

// Make returns a grant, EXPIRES.SIGNATURE, that is of use for one node and one folder.
func (g Grants) Make(node, folder string, now time.Time) string {
	expires := strconv.FormatInt(now.Add(GrantTime).Unix(), 10)
	return expires + "." + g.sign(node, folder, expires)
}

func (g Grants) sign(node, folder, expires string) string {
	mac := hmac.New(sha256.New, g.Key)
	fmt.Fprintf(mac, "%s %s %s", node, expires, folder) // only the folder, which comes last, may hold a space
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Check checks that a grant is for a node and a folder, now. Its error is Forbidden.
func (g Grants) Check(grant, node, folder string, now time.Time) error {
	expires, signature, _ := strings.Cut(grant, ".")
	if len(grant) > maxGrant || !hmac.Equal([]byte(g.sign(node, folder, expires)), []byte(signature)) {
		return errs.New(errs.Forbidden, "cannot read logs in %.200q: node %s was not asked to show them", folder, node)
	}
	until, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || !now.Before(time.Unix(until, 0)) {
		return errs.New(errs.Forbidden,
			"cannot read logs in %.200q: node %s was asked to show them more than %s ago", folder, node, GrantTime)
	}
	return nil
}
