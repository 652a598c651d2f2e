package servers

import (
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/headrace/headrace/internal/netns"
)

// A worker that takes all ports that connections are given does not cut its node off.
func TestDial_HasPortsThatNoWorkerTakes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may make a network namespace, and have such a port")
	}
	if !netns.Enter(t) {
		return
	}
	listener, err := net.Listen("tcp", "127.0.0.1:7401")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", []byte("40000 40003"), 0o600); err != nil {
		t.Skip(err)
	}
	for port := 40000; port <= 40003; port++ {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Fatal("there are ports left")
	}
	conn, err := connect(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if port := conn.LocalAddr().(*net.TCPAddr).Port; port < firstReserved || port > lastReserved {
		t.Errorf("it is connected from port %d", port)
	}
}
