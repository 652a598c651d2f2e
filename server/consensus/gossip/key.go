package gossip

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// keyBytes selects AES-256.
const keyBytes = 32

// Key derives gossip's key from the secret that all servers share in their keyring file. The secret needs 16 bytes at
// least.
func Key(secret []byte) ([]byte, error) {
	if len(secret) < 16 {
		return nil, fmt.Errorf("cannot derive a gossip key from %d bytes: at least 16 are needed", len(secret))
	}
	return hkdf.Key(sha256.New, secret, nil, "headrace gossip v1", keyBytes)
}
