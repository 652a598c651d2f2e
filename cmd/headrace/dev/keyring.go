package dev

import (
	"errors"
	"io/fs"

	"github.com/headrace/headrace/server"
)

// makeKeyring makes the cluster's keyring, readable by its owner only, unless it is there.
func (c Config) makeKeyring() error {
	err := server.CreateKeyring(c.path("keyring"))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
