package control

import (
	"testing"

	"google.golang.org/grpc/metadata"
)

// Who says that it forwards for somebody is not believed unless it is a server: its words are removed.
func TestWithoutHop_RemovesWhatOnlyServersSay(t *testing.T) {
	said := metadata.NewIncomingContext(t.Context(), metadata.Pairs(forwardedKey, "server-1", callerKey, "root", "other", "stays"))
	if !forwarded(said) || caller(said) != "root" {
		t.Fatal("what a server says is not heard")
	}
	ctx := WithoutHop(said)
	if md, _ := metadata.FromIncomingContext(ctx); forwarded(ctx) || caller(ctx) != localCaller || len(md.Get("other")) != 1 {
		t.Errorf("left is %v", md)
	}
}
