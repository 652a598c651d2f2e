package signal

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestName_IsTheKernels(t *testing.T) {
	for number := int32(1); number <= 31; number++ {
		if got := names[number-1]; got != unix.SignalName(unix.Signal(number)) {
			t.Errorf("signal %d is named %s", number, got)
		}
	}
	for number, want := range map[int32]string{9: "signal 9 (SIGKILL)", 0: "signal 0", 40: "signal 40", -1: "signal -1"} {
		if got := Name(number); got != want {
			t.Errorf("%d is named %s, not %s", number, got, want)
		}
	}
}
