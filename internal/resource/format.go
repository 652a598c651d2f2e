package resource

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The largest amounts that are read: sums of many of them are numbers still.
const (
	maxCPU = 1_000_000
	maxMiB = 1 << 40
)

// FormatCPU writes thousandths of a vCPU: 4000 is 4, 500 is 0.5.
func FormatCPU(milli int64) string {
	return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64)
}

// FormatMiB writes an amount of MiB in the largest unit that loses nothing worth knowing.
func FormatMiB(mib int64) string {
	if mib >= 1024 || mib <= -1024 {
		return strconv.FormatFloat(math.Trunc(float64(mib)/1024*10)/10, 'f', -1, 64) + " GB"
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
	if err != nil || !(cpu*1000+0.5 >= 1 && cpu <= maxCPU) { // not a number is in no range
		return 0, fmt.Errorf(
			"cannot read %.60q as an amount of vCPU: write a number from 0.001 to %d such as 4, or 4vCPU",
			s,
			maxCPU,
		)
	}
	return int64(cpu*1000 + 0.5), nil
}

// ParseMiB reads an amount of memory or disk as users write it: 16GB, "16 gb", 512m, 2t; a bare number is in GB.
func ParseMiB(s string) (mib int64, err error) {
	text := strings.ToLower(strings.TrimSpace(s))
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz ")
	amount, err := strconv.ParseFloat(number, 64)
	factor, known := mibPerUnit[strings.TrimSpace(text[len(number):])]
	if err != nil || !known || !(amount*factor+0.5 >= 1 && amount*factor <= maxMiB) {
		return 0, fmt.Errorf(
			"cannot read %.60q as an amount of memory or disk: write a number with a unit such as 16GB or 512m, from 1m to %dt",
			s,
			int64(maxMiB>>20),
		)
	}
	return int64(amount*factor + 0.5), nil
}

var mibPerUnit = map[string]float64{
	"":    1024,
	"m":   1,
	"mb":  1,
	"mib": 1,
	"g":   1024,
	"gb":  1024,
	"gib": 1024,
	"t":   1 << 20,
	"tb":  1 << 20,
	"tib": 1 << 20,
}
