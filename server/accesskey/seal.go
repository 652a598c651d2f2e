package accesskey

import (
	"crypto/aes"
	"crypto/cipher"

	"github.com/headrace/headrace/internal/errs"
)

// Use names the key that a keyring derives for NewSeal.
const Use = "access keys"

// Seal encrypts and decrypts secrets. It may be used by many goroutines.
type Seal struct {
	aead cipher.AEAD
}

// NewSeal returns a Seal with a key of 32 bytes.
func NewSeal(key []byte) (*Seal, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot encrypt secrets with a key of %d bytes: %w", len(key), err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot encrypt secrets: %w", err)
	}
	return &Seal{aead: aead}, nil
}

// Close returns a secret encrypted, bound to the id of its key. The same secret gives another text each time.
func (s *Seal) Close(k Key) []byte { return s.aead.Seal(nil, nil, []byte(k.Secret), []byte(k.ID)) }

// Open returns the secret of a key. It fails when the keyring is not the one of Close, or the text is another key's.
func (s *Seal) Open(id string, sealed []byte) (secret []byte, err error) {
	secret, err = s.aead.Open(nil, nil, sealed, []byte(id))
	if err != nil {
		return nil, errs.New(errs.Internal, "cannot decrypt the secret of access key %s: "+
			"this server's keyring is not the one it was made with, or the state is damaged", id)
	}
	return secret, nil
}
