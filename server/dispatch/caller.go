package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/mtls"
)

// caller says which node makes a call, as far as the call proves that.
type caller struct {
	id          string                // of its node, as it says
	certificate state.NodeCertificate // as it proved; zero without TLS, where everybody is believed
}

// callerOf returns which node makes a call.
func callerOf(ctx context.Context) (caller, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	ids := md.Get(ident.NodeMetadata)
	if len(ids) != 1 || !ident.Valid(ids[0]) {
		return caller{}, errs.New(errs.Unauthorized,
			"cannot take this call: its metadata %s has to name the node's id, once", ident.NodeMetadata)
	}
	certificate, err := certificateOf(ctx)
	return caller{id: ids[0], certificate: certificate}, err
}

// certificateOf returns the certificate that a connection's other side proved to hold. It was verified when the
// connection was made.
func certificateOf(ctx context.Context) (state.NodeCertificate, error) {
	p, _ := peer.FromContext(ctx)
	if p == nil {
		return state.NodeCertificate{}, nil
	}
	secured, is := p.AuthInfo.(credentials.TLSInfo)
	if !is {
		return state.NodeCertificate{}, nil
	}
	if len(secured.State.PeerCertificates) == 0 {
		return state.NodeCertificate{}, errs.New(errs.Unauthorized, "the connection carries no certificate")
	}
	leaf := secured.State.PeerCertificates[0]
	name, err := mtls.NodeOf(leaf)
	sum := sha256.Sum256(leaf.Raw)
	return state.NodeCertificate{Name: name, SHA256: hex.EncodeToString(sum[:]), Issued: leaf.NotBefore.UTC()}, err
}

// node returns the node that the caller says it is, if its certificate is that node's. The error is NotFound if the
// view knows no such node.
func (c caller) node(view *state.View) (*state.Node, error) {
	node := view.Node(c.id)
	if node == nil {
		return nil, errs.New(errs.NotFound,
			"cannot take this call: there is no node %s; it has to register first", c.id)
	}
	switch had := node.Certificate; {
	case had.Name != c.certificate.Name:
		return nil, errs.New(errs.Forbidden,
			"cannot take this call as one of node %s: it belongs to the certificate of %q, and the call has that of %q",
			c.id, had.Name, c.certificate.Name)
	case c.certificate.Issued.Before(had.Issued):
		return nil, errs.New(errs.Forbidden,
			"cannot take this call as one of node %s: its certificate was replaced by a newer one", c.id)
	}
	return node, nil
}
