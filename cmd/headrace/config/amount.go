package config

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/headrace/headrace/internal/resource"
)

// CPU is an amount of CPU in thousandths, written as 4 or 0.5.
type CPU int64

// Set reads the amount.
func (c *CPU) Set(text string) error {
	milli, err := resource.ParseCPU(text)
	*c = CPU(milli)
	return err
}

// String writes the amount; nothing for 0, which means all.
func (c *CPU) String() string {
	if *c == 0 {
		return ""
	}
	return resource.FormatCPU(int64(*c))
}

// Type names the kind of value in help texts.
func (c *CPU) Type() string { return "vCPU" }

// UnmarshalYAML reads the amount.
func (c *CPU) UnmarshalYAML(n *yaml.Node) error { return c.Set(n.Value) }

// MarshalYAML writes the amount.
func (c CPU) MarshalYAML() (any, error) { return c.String(), nil }

// MiB is an amount of memory or disk, written as 64GB or 512m.
type MiB int64

// Set reads the amount.
func (m *MiB) Set(text string) error {
	mib, err := resource.ParseMiB(text)
	*m = MiB(mib)
	return err
}

// String writes the amount, exactly; nothing for 0, which means all.
func (m *MiB) String() string {
	switch {
	case *m == 0:
		return ""
	case *m%1024 == 0:
		return strconv.FormatInt(int64(*m)/1024, 10) + "GB"
	}
	return strconv.FormatInt(int64(*m), 10) + "MB"
}

// Type names the kind of value in help texts.
func (m *MiB) Type() string { return "size" }

// UnmarshalYAML reads the amount.
func (m *MiB) UnmarshalYAML(n *yaml.Node) error { return m.Set(n.Value) }

// MarshalYAML writes the amount.
func (m MiB) MarshalYAML() (any, error) { return m.String(), nil }
