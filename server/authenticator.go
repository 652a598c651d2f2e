package server

import (
	"net/http"
	"time"

	"github.com/headrace/headrace/server/accesskey"
	"github.com/headrace/headrace/server/command"
	"github.com/headrace/headrace/server/sigv4"
)

// signedService is the service that clients sign for.
const signedService = "emr-serverless"

// Authenticator says who sent a request of the HTTP API, which has to be as it arrived; body is all of its body. An error of type
// *sigv4.Error has the name, status and message of the answer.
type Authenticator interface {
	Authenticate(r *http.Request, body []byte) (user string, err error)
}

// Authenticator returns the one of this server: signatures with the cluster's access keys, or anybody in headrace dev.
func (s *Server) Authenticator() Authenticator {
	if s.cfg.AnySignature {
		return accesskey.Anyone{User: command.DefaultUser}
	}
	return &sigv4.Verifier{Keys: &accesskey.Store{View: s.consensus.View, Seal: s.seal, Log: s.cfg.Log}, Service: signedService, Now: time.Now}
}
