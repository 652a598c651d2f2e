package cli

import (
	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/config"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// size are the flags of a worker's size.
type size struct {
	cpu    config.CPU
	memory config.MiB
	disk   config.MiB
}

// limit returns the most that workers may hold together.
func (s size) limit() *specv1.MaximumCapacity {
	return specv1.MaximumCapacity_builder{
		MilliCpu:  orNone(s.cpu),
		MemoryMib: orNone(s.memory),
		DiskMib:   orNone(s.disk),
	}.Build()
}

// over gives a worker what flags say of its size; nil: nothing was said of it yet.
func (s size) over(w *specv1.ProcessSize) *specv1.ProcessSize {
	if s == (size{}) {
		return w
	}
	return specv1.ProcessSize_builder{
		MilliCpu:  orNone(s.cpu),
		MemoryMib: orNone(s.memory),
		DiskMib:   orNone(s.disk),
	}.Build()
}

// orNone returns an amount; nil if no flag said one.
func orNone[N ~int64](n N) *int64 {
	if n == 0 {
		return nil
	}
	return new(int64(n))
}

func (s *size) bind(c *cobra.Command, who string) {
	c.Flags().Var(&s.cpu, who+"-cpu", "process: vCPU of the "+who+", such as 0.5; by default 1")
	c.Flags().Var(&s.memory, who+"-memory", "process: memory of the "+who+", such as 512m; by default 2GB")
	c.Flags().Var(&s.disk, who+"-disk", "process: disk of the "+who+"; by default 20GB")
}
