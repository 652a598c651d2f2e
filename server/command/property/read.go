package property

import (
	"strconv"
	"strings"
)

// MaxCount is the largest number that engines themselves can read: their counts are Java integers.
const MaxCount = 1<<31 - 1

// Value is a property's value as it was written.
func (l Levels) Value(key string) string { return l[key].Value }

// Text is a property's value without blanks at its ends.
func (l Levels) Text(key string) string { return strings.TrimSpace(l[key].Value) }

// Flag reads true or false.
func (l Levels) Flag(key string) (bool, error) {
	switch strings.ToLower(l.Text(key)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, l.Invalid(key, "write true or false")
}

// Count reads a whole number of at least least, such as a number of cores or executors.
func (l Levels) Count(key string, least int64) (uint32, error) {
	n, err := strconv.ParseInt(l.Text(key), 10, 64)
	if err != nil || n < least || n > MaxCount {
		return 0, l.Invalid(key, "write a whole number from %d to %d", least, MaxCount)
	}
	return uint32(n), nil
}
