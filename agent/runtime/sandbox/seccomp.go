package sandbox

import (
	"fmt"
	stdruntime "runtime"
	"sync"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// architectures are the machine's own. Programs for another one, such as those of 32 bits, do not run: a filter for
// them takes crun 20 ms more for each worker, and is another way into the kernel.
var architectures = map[string]specs.Arch{"amd64": specs.ArchX86_64, "arm64": specs.ArchAARCH64}

// seccompFilter returns the profile that Docker and its relatives have, for a process without capabilities.
var seccompFilter = sync.OnceValues(func() (*specs.LinuxSeccomp, error) {
	own, known := architectures[stdruntime.GOARCH]
	if !known {
		return nil, fmt.Errorf("cannot isolate workers: there is no seccomp profile for %s", stdruntime.GOARCH)
	}
	filter, err := seccomp.GetDefaultProfile(&specs.Spec{
		Process: &specs.Process{Capabilities: &specs.LinuxCapabilities{}},
		Linux:   &specs.Linux{},
	})
	if err != nil {
		return nil, fmt.Errorf("cannot make the seccomp profile: %w", err)
	}
	filter.Architectures = []specs.Arch{own}
	return filter, nil
})
