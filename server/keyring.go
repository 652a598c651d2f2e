package server

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"

	"github.com/headrace/headrace/internal/errs"
)

// keySize is the size of a keyring's key, in bytes.
const keySize = 32

// Keyring is the secret that the servers of a cluster share and the log never holds. Every use derives a key of its
// own.
type Keyring struct {
	key []byte
}

// CreateKeyring writes a new keyring, readable by its owner only: one line, the key in base64. It never overwrites one.
func CreateKeyring(path string) error {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("cannot create the keyring: %w", err)
	}
	_, err = fmt.Fprintln(file, base64.StdEncoding.EncodeToString(key))
	return errors.Join(err, file.Sync(), file.Close())
}

// OpenKeyring reads a keyring. If others may read the file, it is refused.
func OpenKeyring(path string) (*Keyring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errs.Field("keyring_file", "cannot read it: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, errs.Field("keyring_file",
			"%s may be read by others (mode %o): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errs.Field("keyring_file", "cannot read it: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != keySize {
		return nil, errs.Field("keyring_file", "%s does not hold one key of %d bytes in base64", path, keySize)
	}
	return &Keyring{key: key}, nil
}

// Derive returns the key of one use, 32 bytes.
func (k *Keyring) Derive(use string) []byte {
	key, err := hkdf.Key(sha256.New, k.key, nil, "headrace/"+use, keySize)
	if err != nil {
		panic(fmt.Sprintf("cannot derive a key of %d bytes: %v", keySize, err))
	}
	return key
}
