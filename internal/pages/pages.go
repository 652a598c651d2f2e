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
