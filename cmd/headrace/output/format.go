package output

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/resource"
	"github.com/headrace/headrace/internal/spec/codec"
	specv1 "github.com/headrace/headrace/proto/headrace/spec/v1"
)

// Age says how long ago something was, in its largest unit: 3s, 5m, 2h, 4d. Empty if it never was.
func Age(now time.Time, t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	ago := max(now.Sub(t.AsTime()), 0)
	switch {
	case ago < time.Minute:
		return fmt.Sprintf("%ds", ago/time.Second)
	case ago < time.Hour:
		return fmt.Sprintf("%dm", ago/time.Minute)
	case ago < 48*time.Hour:
		return fmt.Sprintf("%dh", ago/time.Hour)
	}
	return fmt.Sprintf("%dd", ago/(24*time.Hour))
}

// Time writes a time in UTC and how long ago it was. Empty if there is none.
func Time(now time.Time, t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format("2006-01-02 15:04:05 UTC") + " (" + Age(now, t) + " ago)"
}

// Clock writes the time of day in UTC, with thousandths.
func Clock(t *timestamppb.Timestamp) string { return ClockOf(t.AsTime()) }

// ClockOf is Clock for a time of this process.
func ClockOf(t time.Time) string { return t.UTC().Format("15:04:05.000") }

// Lasted says how long something took; up to now if it is not over. Empty if it has not begun.
func Lasted(now time.Time, from, to *timestamppb.Timestamp) string {
	if from == nil {
		return ""
	}
	end := now
	if to != nil {
		end = to.AsTime()
	}
	return Seconds(end.Sub(from.AsTime()))
}

// Seconds writes a duration as people compare it: 0.31 s, 12.4 s, 3 m 20 s.
func Seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%d m %02d s", d/time.Minute, d%time.Minute/time.Second)
}

// Amounts are what something holds or may hold.
type Amounts interface {
	GetMilliCpu() int64
	GetMemoryMib() int64
	GetDiskMib() int64
}

// CPU writes an amount of vCPU.
func CPU(a Amounts) string { return resource.FormatCPU(a.GetMilliCpu()) }

// Memory writes an amount of memory.
func Memory(a Amounts) string { return resource.FormatMiB(a.GetMemoryMib()) }

// Disk writes an amount of disk.
func Disk(a Amounts) string { return resource.FormatMiB(a.GetDiskMib()) }

// Resources writes CPU, memory and disk; empty if all of them are 0.
func Resources(a Amounts) string {
	if a.GetMilliCpu() == 0 && a.GetMemoryMib() == 0 && a.GetDiskMib() == 0 {
		return ""
	}
	return CPU(a) + " vCPU, " + Memory(a) + ", " + Disk(a) + " disk"
}

// Engine writes an engine's name as commands take it.
func Engine(e specv1.Engine) string { return strings.ToLower(codec.EnumName(e)) }
