package runtime

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkStart measures from the wish to start a worker until its process runs.
func BenchmarkStart(b *testing.B) {
	config := DefaultConfig()
	config.DataDir = b.TempDir()
	r, err := New(config)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if err := r.MoveLease(Boottime().Add(time.Hour)); err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprintf("bench-%d", i)
		if _, err := r.MakeDir(id); err != nil {
			b.Fatal(err)
		}
		w, err := r.Start(Spec{ID: id, MilliCPU: 1000, MemoryMiB: 64, Command: shell("true")})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		<-w.Done()
		b.StartTimer()
	}
}
