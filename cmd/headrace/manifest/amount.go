package manifest

import (
	"strconv"

	"github.com/headrace/headrace/internal/resource"
)

// CPU is an amount of CPU in thousandths, written as 4 vCPU.
type CPU int64

// Set reads the amount: 4, 4vCPU, "4 vcpu".
func (c *CPU) Set(text string) error {
	milli, err := resource.ParseCPU(text)
	*c = CPU(milli)
	return err
}

// String writes the amount.
func (c CPU) String() string { return resource.FormatCPU(int64(c)) + " vCPU" }

// MarshalYAML writes the amount.
func (c CPU) MarshalYAML() (any, error) { return c.String(), nil }

// Size is an amount of memory or disk in MiB, written as 16 GB.
type Size int64

// Set reads the amount: 16, 16GB, "16 gb", 512m.
func (s *Size) Set(text string) error {
	mib, err := resource.ParseMiB(text)
	*s = Size(mib)
	return err
}

// String writes the amount, exactly.
func (s Size) String() string {
	if s%1024 == 0 {
		return strconv.FormatInt(int64(s)/1024, 10) + " GB"
	}
	return strconv.FormatInt(int64(s), 10) + " MB"
}

// MarshalYAML writes the amount.
func (s Size) MarshalYAML() (any, error) { return s.String(), nil }
