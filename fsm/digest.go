package fsm

import (
	"crypto/sha256"
	"fmt"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/fsm/state"
)

// Digest returns a fingerprint of a state: the SHA-256 of its snapshot, with rows and fields in their order and maps by
// key. Equal states have equal digests on every machine, and in every version that knows what is in them. If a later
// version adds a field to a row, the snapshot of a state that does not use it stays the same; the names of fields in
// code do not count. Digest reads everything, so it is taken at checkpoints, beside the log and not in it.
func Digest(view *state.View) [sha256.Size]byte {
	hash := sha256.New()
	canonical := protodelim.MarshalOptions{MarshalOptions: proto.MarshalOptions{Deterministic: true}}
	_, err := canonical.MarshalTo(hash, headerRow(view, 0))
	for row := range snapshotRows(view) {
		if err == nil {
			_, err = canonical.MarshalTo(hash, row)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("cannot take the digest of the state at record %d: %v", view.Sequence, err))
	}
	return [sha256.Size]byte(hash.Sum(nil))
}
