package wire

import (
	"github.com/headrace/headrace/fsm/state"
	eventv1 "github.com/headrace/headrace/proto/headrace/event/v1"
)

// Certificate makes the message of a node's certificate; nil for none.
func Certificate(c state.NodeCertificate) *eventv1.NodeCertificate {
	if c == (state.NodeCertificate{}) {
		return nil
	}
	return &eventv1.NodeCertificate{Name: c.Name, Sha256: c.SHA256, IssuedUnixNano: state.Nano(c.Issued)}
}

// CertificateOf reads a node's certificate; no message is none.
func CertificateOf(m *eventv1.NodeCertificate) state.NodeCertificate {
	return state.NodeCertificate{Name: m.GetName(), SHA256: m.GetSha256(), Issued: state.Moment(m.GetIssuedUnixNano())}
}
