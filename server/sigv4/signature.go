package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// signatureOf signs a canonical request at a time, with the secret of a key.
func signatureOf(secret []byte, a *authorization, time, canonical string) []byte {
	scope := a.date + "/" + a.region + "/" + a.service + "/" + terminator
	key := append([]byte("AWS4"), secret...)
	for _, part := range []string{a.date, a.region, a.service, terminator} {
		key = mac(key, part)
	}
	return mac(key, algorithm+"\n"+time+"\n"+scope+"\n"+hashOf([]byte(canonical)))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// hashOf returns the SHA-256 of a text in hexadecimal digits.
func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
