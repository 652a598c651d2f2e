package caller

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/mtls"
)

func TestMayRead_OneselfAndOperators(t *testing.T) {
	for _, c := range []struct {
		who  Caller
		of   string
		want bool
	}{
		{Caller{User: "ann"}, "ann", true},
		{Caller{User: "ann"}, "bob", false},
		{Caller{User: "op", Operator: true}, "bob", true},
		{Local(), "bob", true},
		{Caller{}, "", false},
		{Caller{}, "ann", false},
		{Caller{User: "ann"}, "", false},
	} {
		if got := c.who.MayRead(c.of); got != c.want {
			t.Errorf("%+v reads what %q created: %v", c.who, c.of, got)
		}
	}
}

func certificate(name string, roles ...string) *x509.Certificate {
	return &x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: append(roles, "host.example")}
}

func TestOfCertificate_IsItsNameAndRole(t *testing.T) {
	for want, leaf := range map[Caller]*x509.Certificate{
		{User: "ann"}:                   certificate("ann", mtls.Client),
		{User: "op", Operator: true}:    certificate("op", mtls.Operator),
		{User: "both", Operator: true}:  certificate("both", mtls.Client, mtls.Operator),
		{User: "srv-1", Operator: true}: certificate("srv-1", mtls.Server),
		{User: "node-1"}:                certificate("node-1", mtls.Agent),
	} {
		if got, err := OfCertificate(leaf); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	for name, told := range map[string]string{
		"":                      "0 characters",
		"Ann Other":             `' '`,
		"a\x1b[2J":              `\x1b`,
		strings.Repeat("x", 65): "65",
	} {
		if _, err := OfCertificate(certificate(name, mtls.Operator)); !errs.Is(err, errs.Unauthorized) ||
			!strings.Contains(err.Error(), told) ||
			!strings.Contains(err.Error(), "headrace tls issue --name") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// arrives is a forwarded call at the other end.
func arrives(ctx context.Context) context.Context {
	md, _ := metadata.FromOutgoingContext(ctx)
	return metadata.NewIncomingContext(context.Background(), md)
}

func TestForward_TakesTheCallerAlong(t *testing.T) {
	for _, who := range []Caller{{User: "ann"}, {User: "op", Operator: true}} {
		// What the caller itself says of others is not passed on.
		said := metadata.NewIncomingContext(
			t.Context(), metadata.Pairs(userKey, "root", operatorKey, "true", "other", "stays"),
		)
		ctx, err := Arrived(arrives(Forward(With(said, who), "server-2")))
		if err != nil || Of(ctx) != who || !Forwarded(ctx) {
			t.Errorf("%+v arrives as %+v: %v", who, Of(ctx), err)
		}
		if md, _ := metadata.FromIncomingContext(ctx); len(md.Get("other")) != 1 ||
			md.Get(forwardedKey)[0] != "server-2" {
			t.Errorf("arrived is %v", md)
		}
	}
	for _, user := range [][]string{nil, {""}, {"a b"}, {"ann", "root"}} {
		ctx := metadata.NewIncomingContext(t.Context(), metadata.MD{userKey: user, forwardedKey: {"server-1"}})
		if _, err := Arrived(ctx); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("for %q: %v", user, err)
		}
	}
}

// Who says that it forwards for somebody is not believed unless it is a server: its words are removed.
func TestWithoutHop_RemovesWhatOnlyServersSay(t *testing.T) {
	said := metadata.NewIncomingContext(
		t.Context(), metadata.Pairs(forwardedKey, "server-1", userKey, "root", operatorKey, "true", "other", "stays"),
	)
	ctx := WithoutHop(said)
	if md, _ := metadata.FromIncomingContext(ctx); Forwarded(ctx) || len(md) != 1 || len(md.Get("other")) != 1 ||
		Of(ctx).Known() {
		t.Errorf("left is %v", md)
	}
	if _, err := Arrived(ctx); err == nil {
		t.Error("somebody arrived")
	}
}
