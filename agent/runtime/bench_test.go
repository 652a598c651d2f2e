package runtime

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headrace/headrace/agent/runtime/sandbox"
)

// BenchmarkStart measures from the call that starts a worker until its process runs, without and with a sandbox.
func BenchmarkStart(b *testing.B) {
	config := DefaultConfig()
	config.DataDir = b.TempDir()
	b.Run("alone", func(b *testing.B) { benchmarkStart(b, config) })
	if program, err := sandbox.Find(); err == nil && os.Geteuid() == 0 {
		config.DataDir = b.TempDir()
		isolate(&config)
		b.Run(filepath.Base(program), func(b *testing.B) { benchmarkStart(b, config) })
	}
}

func benchmarkStart(b *testing.B, config Config) {
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
		home, err := r.MakeHome(id, HomeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		home.Close()
		w, err := r.Start(Spec{ID: id, MilliCPU: 1000, MemoryMiB: 64, Command: shell("true")})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		<-w.Done()
		awaitSpare(b, r)
		b.StartTimer()
	}
}
