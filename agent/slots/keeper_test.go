package slots

import "testing"

// What is told of a slot is whether a process waits in it, or is being warmed; one that failed and rests is neither.
func TestD4_AKeeperSaysWhatItDoes(t *testing.T) {
	w := &warmth{slots: map[string]*warmSlot{"empty": {}}}
	for id, do := range map[string]func(*keeper){
		"rests":     func(k *keeper) { k.setWarming(); k.set(false, stillWarmed) }, // whatever it says
		"rehearses": func(k *keeper) { k.set(false, "it failed"); k.setWarming() },
		"waits":     func(k *keeper) { k.setWarming(); k.set(true, "") },
	} {
		kept := newKeeper(w, nil)
		do(kept)
		w.slots[id] = &warmSlot{keeper: kept}
	}
	warm, warming := w.states()
	if len(warm) != 1 || warm[0] != "waits" || len(warming) != 1 || warming[0] != "rehearses" {
		t.Errorf("processes wait in %v, and are being warmed in %v", warm, warming)
	}
}
