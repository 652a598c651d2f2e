package signal

import "fmt"

// names are those of the signals from 1 on.
var names = []string{
	"SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
	"SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",
	"SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",
	"SIGIO", "SIGPWR", "SIGSYS",
}

// Known says whether a number is that of a signal with a name.
func Known(number int32) bool { return number >= 1 && int(number) <= len(names) }

// Name returns a signal's number and name, such as "signal 9 (SIGKILL)". Numbers without a name stand alone.
func Name(number int32) string {
	if !Known(number) {
		return fmt.Sprintf("signal %d", number)
	}
	return fmt.Sprintf("signal %d (%s)", number, names[number-1])
}
