package spec

import (
	"maps"
	"slices"
	"strings"

	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// The defaults of what one worker of a PROCESS run holds; its disk has that of all workers.
const (
	DefaultProcessMilliCPU  = 1000
	DefaultProcessMemoryMiB = 2 << 10
)

// checkProcess holds that a program has a name, and its variables too.
func checkProcess(p *specv1.Process) error {
	const at = root + ".driver.process"
	if p == nil {
		return nil
	}
	if p.GetCommand()[0] == "" {
		return wrong(at+".command", "it names no program")
	}
	for _, name := range slices.Sorted(maps.Keys(p.GetEnvironment())) {
		if name == "" || strings.Contains(name, "=") {
			return wrong(
				at+".environment"+keyed(name),
				"%.40q is no name of a variable: it is empty or has an equals sign",
				name,
			)
		}
	}
	return nil
}

func defaultProcess(p *specv1.Process) {
	if p == nil {
		return
	}
	if !p.HasDriverSize() {
		p.SetDriverSize(&specv1.ProcessSize{})
	}
	if !p.HasTaskSize() {
		p.SetTaskSize(&specv1.ProcessSize{})
	}
	defaultProcessSize(p.GetDriverSize())
	defaultProcessSize(p.GetTaskSize())
}

func defaultProcessSize(s *specv1.ProcessSize) {
	if !s.HasMilliCpu() {
		s.SetMilliCpu(DefaultProcessMilliCPU)
	}
	if !s.HasMemoryMib() {
		s.SetMemoryMib(DefaultProcessMemoryMiB)
	}
	if !s.HasDiskMib() {
		s.SetDiskMib(DefaultDiskMiB)
	}
}
