package control

import (
	"context"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/server/caller"
)

// apiPrefix begins the full names of all methods of the API.
const apiPrefix = "/headrace.control.v1."

// methodOf returns a method's own name.
func methodOf(full string) string { return full[strings.LastIndexByte(full, '/')+1:] }

// operatorCalls are those that only operators may make, with what they do. Who has an access key needs no certificate any more,
// what is in a release runs on every node, and runs of all users are given to a node.
var operatorCalls = map[string]string{
	"CreateAccessKey": "create an access key", "ListAccessKeys": "list access keys", "RevokeAccessKey": "revoke an access key",
	"AddRelease": "add a release", "ApproveNode": "approve a node", "ForgetNode": "forget a node",
}

// allowed holds that the caller may make a call at all, whatever it asks for; nobody may make any.
func allowed(ctx context.Context, method string) error {
	who := caller.Of(ctx)
	if !who.Known() {
		return errs.New(errs.Unauthorized, "cannot call %s: nobody says who calls", method)
	}
	if does, operators := operatorCalls[method]; operators && !who.Operator {
		return errs.New(errs.Forbidden, "cannot %s as %s: this is for operators; `headrace tls issue --role operator` makes a certificate for one", does, who.User)
	}
	return nil
}
