package codec

import (
	"testing"

	"github.com/headrace/headrace/internal/spec/codec/codectest"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// BenchmarkAPI reads and writes a submission as the HTTP API does.
func BenchmarkAPI(b *testing.B) {
	run := codectest.JobRuns()[0]
	body := API.Encode(run).AppendJSON(nil)
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			n, err := ReadJSON(body)
			if err != nil || len(API.Decode(n, &specv1.JobRun{})) > 0 {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			API.Encode(run).AppendJSON(nil)
		}
	})
}
