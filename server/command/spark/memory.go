package spark

import (
	"strconv"
	"strings"
)

// maxMemoryMiB is a petabyte. More is a mistake, and sums of such amounts fit into an int64.
const maxMemoryMiB = 1 << 30

// bytesPer gives the bytes of Spark's units of memory. A number without a unit is in MiB.
var bytesPer = map[string]int64{
	"":   1 << 20,
	"b":  1,
	"k":  1 << 10,
	"kb": 1 << 10,
	"m":  1 << 20,
	"mb": 1 << 20,
	"g":  1 << 30,
	"gb": 1 << 30,
	"t":  1 << 40,
	"tb": 1 << 40,
}

// memory reads an amount as Spark does (1g, 512m, 14G, 2048 for MiB) and rounds it down to MiB, like Spark.
func (l levels) memory(key string) (mib int64, err error) {
	text := strings.ToLower(l.Text(key))
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz")
	unit, known := bytesPer[text[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known {
		return 0, l.Invalid(key, "write a whole number with a unit such as 14g or 512m; without a unit it is in MB")
	}
	if n < 0 || n > maxMemoryMiB<<20/unit {
		return 0, l.Invalid(key, "write an amount from 1m to %dg", maxMemoryMiB>>10)
	}
	if mib = n * unit >> 20; mib < 1 {
		return 0, l.Invalid(key, "is less than 1 MB")
	}
	return mib, nil
}
