package authority

import (
	"crypto/rand"
	"crypto/x509"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/mtls"
)

// Request is a certificate that somebody wants.
type Request struct {
	// Role is server, agent, client or operator: what the holder may do.
	Role string
	// Name is the common name of the certificate: that of the host, of the node, which an agent's certificate proves, or
	// of the user for whom its holder's requests count.
	Name string
	// Hosts are the DNS names and IP addresses at which the holder is reached; servers need theirs, the others none.
	Hosts []string
	// Out is the path of the files, without their endings .pem and -key.pem.
	Out string
}

// roles are the DNS names that roles are proved by.
var roles = []struct{ name, dns string }{
	{"server", mtls.Server},
	{"agent", mtls.Agent},
	{"client", mtls.Client},
	{"operator", mtls.Operator},
}

// hostName is what a DNS name looks like; a wildcard is not one, since it could match a role.
var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// Issue signs a certificate for a year with the authority in dir, and writes it and its new key. Errors are of kind
// Invalid and name the field that is wrong; files that are there already are never overwritten.
func Issue(dir string, r Request) error {
	template, err := r.template()
	if err != nil {
		return err
	}
	signer, err := open(dir)
	if err != nil {
		return err
	}
	if template.NotAfter.After(signer.certificate.NotAfter) {
		return errs.New(
			errs.Invalid,
			"cannot sign for a year: the authority in %s ends on %s; make a new one",
			dir,
			signer.certificate.NotAfter.Format(time.DateOnly),
		)
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, signer.certificate, key.Public(), signer.key)
	if err != nil {
		return errs.New(errs.Internal, "cannot sign the certificate: %w", err)
	}
	return writePair(r.Out+".pem", r.Out+"-key.pem", certificate, key)
}

// template checks the request and says what is signed. Everybody may dial and listen: servers do both among themselves.
func (r Request) template() (*x509.Certificate, error) {
	role := slices.IndexFunc(roles, func(known struct{ name, dns string }) bool { return known.name == r.Role })
	switch {
	case role < 0:
		return nil, errs.Field("role", "cannot be %q: server, agent, client or operator", r.Role)
	case ident.UserProblem(r.Name) != "":
		return nil, errs.Field(
			"name",
			"cannot issue a certificate for this name, which stands for what its holder does: %s",
			ident.UserProblem(r.Name),
		)
	case r.Role == "agent" && !ident.ValidNodeName(r.Name):
		return nil, errs.Field(
			"name",
			"cannot be %.80q: an agent's certificate is for one node, and a node's name is %s",
			r.Name,
			ident.NodeNameRule,
		)
	case r.Out == "":
		return nil, errs.Field("out", "cannot issue a certificate without a path to write it to")
	case r.Role == "server" && len(r.Hosts) == 0:
		return nil, errs.Field("host", "cannot issue a server's certificate without a name or address at which it is reached")
	}
	template, err := newTemplate(r.Name, leafLife)
	if err != nil {
		return nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.DNSNames = []string{roles[role].dns}
	if roles[role].dns == mtls.Agent {
		template.DNSNames = append(template.DNSNames, mtls.NodeDNS(r.Name))
	}
	return template, addHosts(template, r.Hosts)
}

// addHosts adds names and addresses. A name of a role would give that role, so it is refused.
func addHosts(template *x509.Certificate, hosts []string) error {
	for _, host := range hosts {
		ip := net.ParseIP(host)
		switch {
		case ip != nil:
			template.IPAddresses = append(template.IPAddresses, ip)
		case !hostName.MatchString(host):
			return errs.Field("host", "cannot be %q: give a DNS name or an IP address, without port", host)
		case strings.HasSuffix(strings.ToLower(host), ".headrace"):
			return errs.Field("host", "cannot be %q: names below headrace are roles, which --role gives", host)
		default:
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	return nil
}
