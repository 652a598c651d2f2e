package mtls

import (
	"crypto/x509"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
)

// nodeSuffix ends the DNS name that says for which node an agent's certificate is. A name, and not a key, is what
// identifies a node: so a renewed certificate is that of the same node.
const nodeSuffix = ".node.headrace"

// NodeDNS returns the DNS name that makes a certificate one of a node.
func NodeDNS(name string) string { return name + nodeSuffix }

// NodeOf returns the node that a certificate is for. One that names no node, or several, is for none.
func NodeOf(certificate *x509.Certificate) (name string, err error) {
	var names []string
	for _, dns := range certificate.DNSNames {
		if node, is := strings.CutSuffix(strings.ToLower(dns), nodeSuffix); is {
			names = append(names, node)
		}
	}
	switch {
	case len(names) == 0:
		return "", errs.New(
			errs.Forbidden,
			"the certificate of %.80q names no node: issue one with the DNS name NAME%s, "+
				"as `headrace tls issue --role agent --name NAME` does",
			certificate.Subject.CommonName,
			nodeSuffix,
		)
	case len(names) > 1:
		return "", errs.New(
			errs.Forbidden,
			"the certificate of %.80q names %d nodes, %.200q: issue one for each",
			certificate.Subject.CommonName,
			len(names),
			names,
		)
	case !ident.ValidNodeName(names[0]):
		return "", errs.New(
			errs.Forbidden,
			"the certificate of %.80q is for the node %.80q, which is no name: a node's is %s",
			certificate.Subject.CommonName,
			names[0],
			ident.NodeNameRule,
		)
	}
	return names[0], nil
}
