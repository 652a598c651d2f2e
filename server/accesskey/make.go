package accesskey

import "crypto/rand"

// What ids and secrets look like.
const (
	prefix       = "HRAK" // Headrace access key: who finds one in a log or a repository knows what it is
	idLength     = 20
	secretLength = 40
)

// Key is an access key with its secret in the clear. It may only go to the person it is made for.
type Key struct {
	ID     string
	Secret string
}

// Make returns a new key. It cannot fail: without randomness the process ends.
func Make() Key {
	return Key{ID: prefix + rand.Text()[:idLength-len(prefix)], Secret: (rand.Text() + rand.Text())[:secretLength]}
}
