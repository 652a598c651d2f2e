package runtime

import (
	"syscall"
	"testing"
)

// An exit code above 128 is the program's own; only the kernel says that a signal ended it.
func TestA7_ExitOfKeepsCodesAndSignalsApart(t *testing.T) {
	for status, want := range map[syscall.WaitStatus]Exit{
		255 << 8:                            {Reason: Exited, Code: 255},
		137 << 8:                            {Reason: Exited, Code: 137},
		9:                                   {Reason: Exited, Code: 137, Signal: 9},
		11 | 0x80:                           {Reason: Exited, Code: 139, Signal: 11}, // with a core dump
		syscall.WaitStatus(syscall.SIGTERM): {Reason: Exited, Code: 143, Signal: 15},
	} {
		if got := exitOf(status, "", false); got != want {
			t.Errorf("status %#x is %+v, not %+v", uint32(status), got, want)
		}
	}
}
