package storage

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
)

// reason says in a few words why a request failed. It has nothing that may be a secret: the whole error is the cause,
// for the log.
func reason(err error) string {
	var (
		certificate *tls.CertificateVerificationError
		network     *net.OpError
		name        *net.DNSError
	)
	status := statusOf(err)
	code := codeOf(err)
	switch {
	case code != "" && status != 0:
		return fmt.Sprintf("%s, status %d", code, status)
	case status != 0:
		return fmt.Sprintf("status %d", status)
	case errors.As(err, &certificate):
		return "its certificate is not trusted: object_store.ca_file names who signed it"
	case errors.As(err, &name):
		return name.Error()
	case errors.As(err, &network):
		return network.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection broke off"
	case errors.Is(err, errNoAnswer), errors.Is(err, errNoSize):
		return err.Error()
	}
	return "the connection failed"
}
