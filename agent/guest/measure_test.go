package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestMeasure_EndsAtAnAmountThatIsNone(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint(i%2), fmt.Sprint(i)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int]error{8: nil, 7: ErrTooMany} {
		opened, err := os.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&measuring{maxEntries: limit, seen: map[uint64]bool{}}).folder(opened, 0); !errors.Is(err, want) {
			t.Errorf("with at most %d: %v", limit, err)
		}
	}
}
