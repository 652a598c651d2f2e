package authority

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"

	"github.com/headrace/headrace/internal/errs"
)

// number reads a serial number.
func number(bytes []byte) *big.Int { return new(big.Int).SetBytes(bytes) }

// writePair writes a certificate and its key, both new files or none. The key comes first: a certificate without its
// key would look usable.
func writePair(certPath, keyPath string, certificate []byte, key *ecdsa.PrivateKey) error {
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return errs.New(errs.Internal, "cannot encode the key: %w", err)
	}
	if _, err := os.Lstat(certPath); err == nil {
		return exists(certPath)
	}
	if err := writeNew(keyPath, "PRIVATE KEY", encoded, 0o600); err != nil {
		return err
	}
	if err := writeNew(certPath, "CERTIFICATE", certificate, 0o644); err != nil {
		return errors.Join(err, os.Remove(keyPath))
	}
	return nil
}

// writeNew writes a PEM file that was not there before.
func writeNew(path, kind string, content []byte, mode fs.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return exists(path)
	case err != nil:
		return errs.New(errs.Invalid, "cannot create it: %w", err)
	}
	err = pem.Encode(file, &pem.Block{Type: kind, Bytes: content})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(errs.New(errs.Internal, "cannot write %s: %w", path, err), os.Remove(path))
	}
	return nil
}

func exists(path string) error {
	return errs.New(
		errs.WrongState,
		"cannot write %s: it is there already and is never overwritten; move it away, or choose another place",
		path,
	)
}
