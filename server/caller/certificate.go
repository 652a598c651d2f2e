package caller

import (
	"crypto/x509"
	"slices"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/ident"
	"github.com/headrace/headrace/internal/mtls"
)

// OfCertificate returns the caller that a verified certificate is for: the common name of its subject is the user, and
// its role says whether that is an operator. Servers are operators. A name that is no user's is refused, because it
// would stand in facts, in ARNs and on terminals.
func OfCertificate(leaf *x509.Certificate) (Caller, error) {
	name := leaf.Subject.CommonName
	if problem := ident.UserProblem(name); problem != "" {
		return Caller{}, errs.New(errs.Unauthorized,
			"cannot tell who you are: the common name of your certificate is no user's, %s; get one with "+
				"another name, such as by `headrace tls issue --name USER`", problem)
	}
	operator := slices.Contains(leaf.DNSNames, mtls.Operator) || slices.Contains(leaf.DNSNames, mtls.Server)
	return Caller{User: name, Operator: operator}, nil
}
