package cli

import (
	"github.com/spf13/cobra"

	"github.com/headrace/headrace/cmd/headrace/config"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
)

// size are the flags of a worker's size.
type size struct {
	cpu    config.CPU
	memory config.MiB
	disk   config.MiB
}

func (s size) resources() *controlv1.Resources {
	if s == (size{}) {
		return nil
	}
	return &controlv1.Resources{MilliCpu: int64(s.cpu), MemoryMib: int64(s.memory), DiskMib: int64(s.disk)}
}

func (s *size) bind(c *cobra.Command, who string) {
	c.Flags().Var(&s.cpu, who+"-cpu", "process: vCPU of the "+who+", such as 0.5; by default 1")
	c.Flags().Var(&s.memory, who+"-memory", "process: memory of the "+who+", such as 512m; by default 2GB")
	c.Flags().Var(&s.disk, who+"-disk", "process: disk of the "+who+"; by default 20GB")
}
