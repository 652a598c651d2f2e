package runtime

import (
	"os"
	"path/filepath"
	"testing"
)

// A range that was set goes with the setting; one that the agent chose stays.
func TestClaimUsers_KeepsWhatItChose(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives workers users")
	}
	dir := t.TempDir()
	claim := func(wanted Users) Users {
		got, err := ClaimUsers(dir, wanted)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(filepath.Join(claimsDir, got.String())) })
		return got
	}
	small := Users{First: 2_140_000_000, Count: 10}
	if got := claim(small); got != small {
		t.Errorf("wanted %s, got %s", small, got)
	}
	chosen := claim(Users{})
	if chosen.Count != rangeSize {
		t.Errorf("without the setting it has %s", chosen)
	}
	if again := claim(Users{}); again != chosen {
		t.Errorf("it had %s, and has %s", chosen, again)
	}
}
