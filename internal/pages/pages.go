// Package pages says how Spark's own pages are reached: they listen where programs of other people run too, so whoever asks for one
// shows a token that only the servers and the agent of the attempt know.
package pages

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Header is the HTTP header with the token.
const Header = "X-Headrace-Pages"

// Token returns the token for the pages of an attempt, made from the attempt's secret.
func Token(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("pages"))
	return hex.EncodeToString(mac.Sum(nil))
}
