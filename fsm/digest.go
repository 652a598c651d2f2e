package fsm

import (
	"crypto/sha256"
	"fmt"

	"github.com/headrace/headrace/fsm/state"
)

// Digest returns a fingerprint of a state: equal states have equal digests on every machine and in every version that knows
// the same rows. It reads everything, so it is taken at checkpoints, beside the log and not in it.
func Digest(view *state.View) [sha256.Size]byte {
	hash := sha256.New()
	if err := view.Dump(hash); err != nil {
		panic(fmt.Sprintf("cannot write the state of record %d as text: %v", view.Sequence, err))
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
