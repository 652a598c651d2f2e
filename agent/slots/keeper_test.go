package slots

import "testing"

// What is told of a slot is whether a process waits in it, or is being warmed; one that failed and rests is neither.
func TestD4_AKeeperSaysWhatItDoes(t *testing.T) {
	w := &warmth{slots: map[string]*warmSlot{"empty": {}}}
	for id, note := range map[string]string{"rests": "it failed", "rehearses": stillWarmed, "waits": ""} {
		kept := newKeeper(w, nil)
		kept.set(note == "", note)
		w.slots[id] = &warmSlot{keeper: kept}
	}
	warm, warming := w.states()
	if len(warm) != 1 || warm[0] != "waits" || len(warming) != 1 || warming[0] != "rehearses" {
		t.Errorf("processes wait in %v, and are being warmed in %v", warm, warming)
	}
}
