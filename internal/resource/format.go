package resource

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatCPU writes thousandths of a vCPU: 4000 is 4, 500 is 0.5.
func FormatCPU(milli int64) string {
	return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64)
}

// FormatMiB writes an amount of MiB in the largest unit that loses nothing worth knowing.
func FormatMiB(mib int64) string {
	if mib >= 1024 || mib <= -1024 {
		return strconv.FormatFloat(float64(mib*10/1024)/10, 'f', -1, 64) + " GB"
	}
	return fmt.Sprintf("%d MB", mib)
}

// ParseCPU reads an amount of vCPU as users write it: 4, 4vCPU, "4 vcpu", 0.5.
func ParseCPU(s string) (milli int64, err error) {
	number := strings.TrimSpace(s)
	if cut := len(number) - len("vcpu"); cut > 0 && strings.EqualFold(number[cut:], "vcpu") {
		number = strings.TrimSpace(number[:cut])
	}
	cpu, err := strconv.ParseFloat(number, 64)
	if err != nil || cpu <= 0 || cpu > 1e6 {
		return 0, fmt.Errorf("cannot read %q as an amount of vCPU: write a number such as 4, or 4vCPU", s)
	}
	return int64(cpu*1000 + 0.5), nil
}

// ParseMiB reads an amount of memory or disk as users write it: 16GB, "16 gb", 512m, 2t; a bare number is in GB.
func ParseMiB(s string) (mib int64, err error) {
	text := strings.ToLower(strings.TrimSpace(s))
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz ")
	amount, err := strconv.ParseFloat(number, 64)
	factor, known := mibPerUnit[strings.TrimSpace(text[len(number):])]
	if err != nil || !known || amount <= 0 || amount*factor > 1<<40 {
		return 0, fmt.Errorf("cannot read %q as an amount of memory or disk: write a number with a unit such as 16GB or 512m", s)
	}
	return int64(amount*factor + 0.5), nil
}

var mibPerUnit = map[string]float64{
	"": 1024, "m": 1, "mb": 1, "mib": 1, "g": 1024, "gb": 1024, "gib": 1024, "t": 1 << 20, "tb": 1 << 20, "tib": 1 << 20,
}
