package accesskey

import (
	"log/slog"
	"net/http"

	"github.com/headrace/headrace/fsm/state"
	"github.com/headrace/headrace/server/sigv4"
)

// Store finds keys in what this server has applied, for package sigv4. A key that was revoked is found no more as soon
// as that record is applied here.
type Store struct {
	// View returns the newest applied state.
	View func() *state.View
	// Seal opens secrets.
	Seal *Seal
	// Log is told of secrets that cannot be opened.
	Log *slog.Logger
}

// Find returns a key with its secret. Secrets are decrypted anew for every request and not kept.
func (s *Store) Find(id string) (key sigv4.Key, found bool, err error) {
	view := s.View()
	row := view.AccessKey(id)
	switch {
	case view.ID == "": // a server that has just started has no state yet; clients try again
		return key, false, errNoState()
	case row == nil && view.CountAccessKeys() == 0:
		return key, false, errNoKeys()
	case row == nil:
		return key, false, nil
	}
	secret, err := s.Seal.Open(id, row.Sealed)
	if err != nil {
		s.Log.Error("an access key cannot be used", "id", id, "error", err)
		return key, false, errNotRead()
	}
	return sigv4.Key{User: row.User, Secret: secret}, true, nil
}

func errNoState() error {
	return &sigv4.Error{
		Name:   "ServiceUnavailableException",
		Status: http.StatusServiceUnavailable,
		Message: "this server does not know the cluster's access keys yet: " +
			"it has just started, or cannot reach the others",
	}
}

func errNoKeys() error {
	return &sigv4.Error{
		Name:   sigv4.Unrecognized,
		Status: http.StatusForbidden,
		Message: "this cluster has no access key, so that nobody may use its HTTP API: " +
			"`headrace access-key create` makes one",
	}
}

func errNotRead() error {
	return &sigv4.Error{
		Name:    "InternalServerException",
		Status:  http.StatusInternalServerError,
		Message: "this server cannot read the secret of the access key; its log has the details",
	}
}
