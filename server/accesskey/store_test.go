package accesskey

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/sigv4"
)

// gate is a verifier over a state that a test changes.
type gate struct {
	t    *testing.T
	view *state.View
	seal *Seal
	log  bytes.Buffer
}

func newGate(t *testing.T) *gate {
	g := &gate{t: t, view: state.New(), seal: newSeal(t, 1)}
	g.change(func(tx *state.Tx) { tx.Initialize("cluster", "000000000000", "us-east-1") })
	return g
}

func (g *gate) change(f func(*state.Tx)) {
	tx := g.view.Begin()
	f(tx)
	g.view = tx.Commit()
}

// made puts a new key into the state.
func (g *gate) made(user string) Key {
	k := Make()
	g.change(func(tx *state.Tx) { tx.PutAccessKey(state.AccessKey{ID: k.ID, User: user, Sealed: g.seal.Close(k)}) })
	return k
}

// ask authenticates a request that was signed with a key.
func (g *gate) ask(k Key) (string, error) {
	g.t.Helper()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	r, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, "http://h:7400/applications", nil)
	if err == nil {
		empty := "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		err = v4.NewSigner().SignHTTP(g.t.Context(), aws.Credentials{
			AccessKeyID:     k.ID,
			SecretAccessKey: k.Secret,
		}, r, empty, "emr-serverless", "us-east-1", now)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	store := &Store{
		View: func() *state.View { return g.view },
		Seal: g.seal,
		Log:  slog.New(slog.NewTextHandler(&g.log, nil)),
	}
	v := &sigv4.Verifier{Keys: store, Service: "emr-serverless", Now: func() time.Time { return now }}
	return v.Authenticate(r, nil)
}

func (g *gate) refuses(k Key, name, said string) {
	g.t.Helper()
	user, err := g.ask(k)
	var refusal *sigv4.Error
	if !errors.As(err, &refusal) || refusal.Name != name || !strings.Contains(refusal.Message, said) || user != "" {
		g.t.Errorf("got %q, %v; expected %s that says %q", user, err, name, said)
	}
	if text := err.Error() + g.log.String(); strings.Contains(text, k.Secret) {
		g.t.Errorf("%q shows the secret", text)
	}
}

func TestStore_KeysCountUntilTheyAreRevoked(t *testing.T) {
	g := newGate(t)
	g.refuses(Make(), sigv4.Unrecognized, "`headrace access-key create`")
	bob := g.made("bob")
	ann := g.made("ann")
	for user, k := range map[string]Key{"bob": bob, "ann": ann} {
		if got, err := g.ask(k); got != user || err != nil {
			t.Errorf("%s is %q, %v", user, got, err)
		}
	}
	g.refuses(Make(), sigv4.Unrecognized, "`headrace access-key list`")
	g.refuses(Key{ID: bob.ID, Secret: ann.Secret}, sigv4.Mismatch, bob.ID)
	g.change(func(tx *state.Tx) { tx.RemoveAccessKey(bob.ID) })
	g.refuses(bob, sigv4.Unrecognized, bob.ID)
	if _, err := g.ask(ann); err != nil {
		t.Error(err)
	}
	g.change(func(tx *state.Tx) { tx.RemoveAccessKey(ann.ID) })
	g.refuses(ann, sigv4.Unrecognized, "has no access key")
}

func TestStore_SaysWhenItCannotKnow(t *testing.T) {
	g := newGate(t)
	k := g.made("bob")
	g.seal = newSeal(t, 2) // another keyring
	g.refuses(k, "InternalServerException", "its log")
	if said := g.log.String(); !strings.Contains(said, k.ID) || !strings.Contains(said, "keyring") {
		t.Errorf("the log says %q", said)
	}
	g.view = state.New()
	g.refuses(k, "ServiceUnavailableException", "just started")
}
