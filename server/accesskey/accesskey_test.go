package accesskey

import (
	"bytes"
	"regexp"
	"testing"
)

func TestMake_LooksAsClientsExpect(t *testing.T) {
	id := regexp.MustCompile(`^HRAK[A-Z2-7]{16}$`)
	secret := regexp.MustCompile(`^[A-Z2-7]{40}$`)
	seen := map[string]bool{}
	for range 100 {
		k := Make()
		if !id.MatchString(k.ID) || !secret.MatchString(k.Secret) || seen[k.ID] || seen[k.Secret] {
			t.Fatalf("made %+v", k)
		}
		seen[k.ID] = true
		seen[k.Secret] = true
	}
}

func TestSeal_OpensOnlyWhatBelongsTogether(t *testing.T) {
	seal := newSeal(t, 1)
	other := newSeal(t, 2)
	k := Make()
	sealed := seal.Close(k)
	if secret, err := seal.Open(k.ID, sealed); err != nil || string(secret) != k.Secret {
		t.Errorf("opened as %q, %v", secret, err)
	}
	if bytes.Contains(sealed, []byte(k.Secret)) || bytes.Equal(sealed, seal.Close(k)) {
		t.Error("the sealed text shows the secret, or shows that two are the same")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another keyring": func() ([]byte, error) { return other.Open(k.ID, sealed) },
		"another id":      func() ([]byte, error) { return seal.Open(Make().ID, sealed) },
		"cut off":         func() ([]byte, error) { return seal.Open(k.ID, sealed[:len(sealed)-1]) },
		"nothing":         func() ([]byte, error) { return seal.Open(k.ID, nil) },
	} {
		if secret, err := open(); err == nil || secret != nil {
			t.Errorf("%s: opened as %q", name, secret)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := seal.Open(k.ID, changed); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
	}
}

func TestNewSeal_WantsAWholeKey(t *testing.T) {
	if _, err := NewSeal(make([]byte, 7)); err == nil {
		t.Error("a key of 7 bytes is taken")
	}
}

func newSeal(t *testing.T, n byte) *Seal {
	t.Helper()
	seal, err := NewSeal(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return seal
}
