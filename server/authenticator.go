package server

import (
	nethttp "net/http"
	"time"

	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/control/http"
	"github.com/headrace/headrace/server/sigv4"
)

// signedService is the service that clients sign for.
const signedService = "emr-serverless"

// Authenticator returns what tells who sends a request over HTTP: a signature with one of the cluster's access keys. In
// headrace dev everybody is the same user.
// An error of type *sigv4.Error has the name, status and message of the answer.
func (s *Server) Authenticator() http.Authenticator {
	if s.cfg.AnySignature {
		return anybody{}
	}
	return signers{&sigv4.Verifier{
		Keys: &accesskey.Store{
			View: s.consensus.View,
			Seal: s.seal,
			Log:  s.cfg.Log,
		},
		Service: signedService,
		Now:     time.Now,
	}}
}

// signers lets in every request that is signed with an access key.
type signers struct{ verifier *sigv4.Verifier }

// Claim reads a signature.
func (s signers) Claim(r *nethttp.Request) (http.Claim, error) {
	c, err := s.verifier.Claim(r)
	if err != nil {
		return http.Claim{}, err
	}
	return http.Claim{Key: c.KeyID, Proved: c.Proved, Verify: c.Verify}, nil
}

// anybody lets everybody in, signed or not, as one user: headrace dev on loopback.
type anybody struct{}

// Claim claims nothing.
func (anybody) Claim(*nethttp.Request) (http.Claim, error) {
	return http.Claim{Verify: func([]byte) (string, error) { return command.DefaultUser, nil }}, nil
}
