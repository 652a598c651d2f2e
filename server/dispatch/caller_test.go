package dispatch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

const (
	idOne = "01arz3ndektsv4rrffq69g5fav"
	idTwo = "01arz3ndektsv4rrffq69g5faw"
)

// calling is the context of a call that says a node's id, and proves a certificate if there is TLS.
func calling(id string, leaf *x509.Certificate) context.Context {
	p := &peer.Peer{}
	if leaf != nil {
		p.AuthInfo = credentials.TLSInfo{State: tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}}
	}
	return peer.NewContext(metadata.NewIncomingContext(context.Background(), metadata.Pairs(ident.NodeMetadata, id)), p)
}

func leafOf(node string, issued time.Time) *x509.Certificate {
	return &x509.Certificate{Raw: []byte(node), DNSNames: []string{node + ".node.headrace"}, NotBefore: issued}
}

func TestCaller_IsTheNodeOfItsCertificate(t *testing.T) {
	tx := state.New().Begin()
	tx.PutNode(state.Node{
		ID:    idOne,
		Name:  "n-1",
		State: state.NodeReady,
		Certificate: state.NodeCertificate{
			Name:   "n-1",
			Issued: noon,
		},
	})
	tx.PutNode(state.Node{ID: idTwo, Name: "n-2", State: state.NodeReady})
	view := tx.Commit()
	for name, c := range map[string]struct {
		ctx  context.Context
		kind errs.Kind
	}{
		"its own":                   {calling(idOne, leafOf("n-1", noon)), 0},
		"a newer one of it":         {calling(idOne, leafOf("n-1", noon.Add(time.Hour))), 0},
		"an older one of it":        {calling(idOne, leafOf("n-1", noon.Add(-time.Hour))), errs.Forbidden},
		"another node's":            {calling(idOne, leafOf("n-2", noon)), errs.Forbidden},
		"none, of a node that has":  {calling(idOne, nil), errs.Forbidden},
		"one, of a node without":    {calling(idTwo, leafOf("n-2", noon)), errs.Forbidden},
		"none, of a node without":   {calling(idTwo, nil), 0},
		"of nobody":                 {calling("01arz3ndektsv4rrffq69g5fzz", nil), errs.NotFound},
		"no id":                     {calling("n-2", nil), errs.Unauthorized},
		"no metadata":               {peer.NewContext(context.Background(), &peer.Peer{}), errs.Unauthorized},
		"a certificate for no node": {calling(idOne, &x509.Certificate{}), errs.Forbidden},
		"TLS without any certificate": {
			peer.NewContext(calling(idOne, nil), &peer.Peer{AuthInfo: credentials.TLSInfo{}}),
			errs.Unauthorized,
		},
	} {
		who, err := callerOf(c.ctx)
		if err == nil {
			_, err = who.node(view)
		}
		if c.kind == 0 && err != nil || c.kind != 0 && !errs.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A server asks for the newest state before it refuses: its own may be older.
func TestAdmit_LooksAgainForWhatItDoesNotKnow(t *testing.T) {
	older := state.New()
	newest := state.New().Begin()
	newest.PutNode(state.Node{ID: idOne, Name: "n-1", State: state.NodeReady})
	view := newest.Commit()
	asked := 0
	d := New(Config{
		Door:  &weighingDoor{view: older},
		Fresh: func(context.Context) (*state.View, error) { asked++; return view, nil },
	})
	ctx := calling(idOne, nil)
	if err := d.admit(ctx, working); err != nil || asked != 1 {
		t.Errorf("after %d looks: %v", asked, err)
	}
	forbidden := func(*state.View, *state.Node) error { return errs.New(errs.Forbidden, "no") }
	d.cfg.Door = &weighingDoor{view: view}
	if err := d.admit(ctx, forbidden); !errs.Is(err, errs.Forbidden) || asked != 1 {
		t.Errorf("what is known was looked for again, %d times: %v", asked, err)
	}
	missing := func(*state.View, *state.Node) error { return errs.New(errs.NotFound, "none") }
	for range 3 * looksAtOnce {
		if err := d.admit(ctx, missing); !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Overloaded) {
			t.Fatal(err)
		}
	}
	if asked > 2*looksAtOnce {
		t.Errorf("who asks for nothing often has the leader asked %d times", asked)
	}
}

// A node that nobody has approved is given nothing.
func TestWorking_NotWhileHeldBack(t *testing.T) {
	if err := working(nil, &state.Node{Name: "n-1", HeldBack: true}); !errs.Is(err, errs.Forbidden) {
		t.Error(err)
	}
}
