package output

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/headrace/headrace/internal/resource"
	controlv1 "github.com/headrace/headrace/proto/headrace/control/v1"
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
func Clock(t *timestamppb.Timestamp) string { return t.AsTime().UTC().Format("15:04:05.000") }

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

// CPU writes an amount of vCPU.
func CPU(r *controlv1.Resources) string { return resource.FormatCPU(r.GetMilliCpu()) }

// Memory writes an amount of memory.
func Memory(r *controlv1.Resources) string { return resource.FormatMiB(r.GetMemoryMib()) }

// Disk writes an amount of disk.
func Disk(r *controlv1.Resources) string { return resource.FormatMiB(r.GetDiskMib()) }

// Resources writes an amount of everything; empty if there is nothing.
func Resources(r *controlv1.Resources) string {
	if r.GetMilliCpu() == 0 && r.GetMemoryMib() == 0 && r.GetDiskMib() == 0 {
		return ""
	}
	return CPU(r) + " vCPU, " + Memory(r) + ", " + Disk(r) + " disk"
}

// Limit writes the parts of a limit that are one; empty if nothing is limited.
func Limit(r *controlv1.Resources) string {
	var parts []string
	if r.GetMilliCpu() > 0 {
		parts = append(parts, CPU(r)+" vCPU")
	}
	if r.GetMemoryMib() > 0 {
		parts = append(parts, Memory(r))
	}
	if r.GetDiskMib() > 0 {
		parts = append(parts, Disk(r)+" disk")
	}
	return strings.Join(parts, ", ")
}

// Engine writes an engine's name as commands take it.
func Engine(e controlv1.Engine) string {
	switch e {
	case controlv1.Engine_ENGINE_SPARK:
		return "spark"
	case controlv1.Engine_ENGINE_HIVE:
		return "hive"
	case controlv1.Engine_ENGINE_PROCESS:
		return "process"
	}
	return ""
}
