package runtime

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Instant is a moment on the machine's clock that counts from its boot, also while it is suspended, in nanoseconds. It
// means nothing in another boot.
type Instant int64

// Boottime returns this instant.
func Boottime() Instant {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic(fmt.Sprintf("cannot read the boot clock: %v", err)) // every Linux that Go runs on has it
	}
	return Instant(ts.Nano())
}

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns how much later i is than earlier.
func (i Instant) Sub(earlier Instant) time.Duration { return time.Duration(i - earlier) }

// Now returns this instant on the clock by which the lease counts.
func (r *Runtime) Now() Instant { return Boottime() }

// BootID returns the id of the machine's boot. Instants of different boots cannot be compared.
func (r *Runtime) BootID() string { return r.bootID }

// BootID returns the id of this boot of the machine.
func BootID() (string, error) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err
}

// alarm is a timer on the boot clock, which goes off right after a suspension that lasted too long.
type alarm struct {
	fd   int // of file, which File.Fd would make blocking
	file *os.File
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_BOOTTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return &alarm{fd: fd, file: os.NewFile(uintptr(fd), "alarm")}, nil
}

// sleepUntil returns at that instant, or at once when it is past.
func (a *alarm) sleepUntil(at Instant) error {
	setting := unix.ItimerSpec{Value: unix.NsecToTimespec(max(int64(at), 1))} // 0 would switch it off
	if err := unix.TimerfdSettime(a.fd, unix.TFD_TIMER_ABSTIME, &setting, nil); err != nil {
		return err
	}
	var expirations [8]byte
	_, err := a.file.Read(expirations[:])
	return err
}
