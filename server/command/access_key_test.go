package command_test

import (
	"fmt"
	"testing"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/command"
)

func createKey(id, user, request string) *command.CreateAccessKey {
	return &command.CreateAccessKey{
		Request:   command.Request{Operation: "CreateAccessKey", ID: request, Fingerprint: []byte(user)},
		ID:        id,
		User:      user,
		Sealed:    []byte("sealed"),
		CreatedBy: "ann",
	}
}

// The secret of a try that got no answer is lost, so its key does not stay.
func TestCreateAccessKey_RepeatedReplacesTheFirstTry(t *testing.T) {
	w := newWorld(t)
	w.then(createKey("k1", "bob", "r1"), "AccessKeyCreated", "RequestCompleted")
	w.then(createKey("k2", "bob", "r1"), "AccessKeyRevoked", "AccessKeyCreated", "RequestCompleted")
	w.then(createKey("k3", "bob", "r2"), "AccessKeyCreated", "RequestCompleted")
	if w.view.AccessKey("k1") != nil || w.view.AccessKey("k2") == nil || w.view.CountAccessKeys() != 2 {
		t.Errorf("there are %d keys", w.view.CountAccessKeys())
	}
	w.refuses(createKey("k4", "ann", "r1"), errs.Conflict, "r1")
	w.now = w.now.Add(w.limits.RequestTime + 1)
	w.given(node("n4", "a")) // a record, with which time passes
	w.then(createKey("k5", "bob", "r1"), "AccessKeyCreated", "RequestCompleted")
}

func TestCreateAccessKey_HasAMost(t *testing.T) {
	w := newWorld(t)
	w.limits.AccessKeys = 3
	for i := range 3 {
		w.given(createKey(fmt.Sprint("k", i), "bob", fmt.Sprint("r", i)))
	}
	w.refuses(createKey("k9", "bob", "r9"), errs.TooLarge, "there are 3, and the most is 3")
	w.then(createKey("k9", "bob", "r2"), "AccessKeyRevoked", "AccessKeyCreated", "RequestCompleted")
	w.then(&command.RevokeAccessKey{ID: "k0"}, "AccessKeyRevoked")
	w.then(createKey("k10", "bob", "r10"), "AccessKeyCreated", "RequestCompleted")
}

func TestCreateAccessKey_UserFitsIntoAnARN(t *testing.T) {
	w := newWorld(t)
	for _, user := range []string{"", "a b", "a/b", "ä", "a:b"} {
		w.refuses(createKey("k", user, ""), errs.Invalid, "user")
	}
	w.then(createKey("k", "A_1+=,.@-", ""), "AccessKeyCreated")
}

func TestRevokeAccessKey_Once(t *testing.T) {
	w := newWorld(t)
	w.given(createKey("k1", "bob", ""))
	revoke := &command.RevokeAccessKey{Request: command.Request{Operation: "RevokeAccessKey", ID: "r1"}, ID: "k1"}
	w.then(revoke, "AccessKeyRevoked", "RequestCompleted")
	w.then(revoke)
	w.refuses(&command.RevokeAccessKey{ID: "k1"}, errs.NotFound, `"k1"`)
}
