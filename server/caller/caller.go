package caller

import (
	"context"
)

// Caller is who makes a request. Its zero value is nobody.
type Caller struct {
	// User is the name of the user, as it stands in created_by.
	User string
	// Operator says that the user may see what is private, and do what changes the cluster.
	Operator bool
}

// localUser is the user of everybody who reaches a server that asks nobody for a proof.
const localUser = "local"

// Local returns the caller of a cluster that asks nobody for a proof: everybody is the same user, and an operator.
func Local() Caller { return Caller{User: localUser, Operator: true} }

// Known says whether the caller is somebody.
func (c Caller) Known() bool { return c.User != "" }

// MayRead says whether the caller may read what is private of something that a user created.
func (c Caller) MayRead(createdBy string) bool {
	return c.Operator || c.Known() && c.User == createdBy
}

// key is the key of the caller in a context.
type key struct{}

// With returns a context in which c makes the call. Only the code that has its proof may call this.
func With(ctx context.Context, c Caller) context.Context { return context.WithValue(ctx, key{}, c) }

// Of returns who makes a call; nobody if nothing was said.
func Of(ctx context.Context) Caller {
	c, _ := ctx.Value(key{}).(Caller)
	return c
}
