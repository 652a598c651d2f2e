package runtime

import (
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/guest"
)

func TestListeners_AreThoseThatAnswerOnLoopback(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	table := strings.NewReader(head +
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0\n" + // 127.0.0.1
		"   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 1 1 0 100 0 0 10 0\n" + // all
		"   2: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0  1002        0 1 1 0 100 0 0 10 0\n" +
		"   3: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 00:0 0  1003        0 1 1 0 100 0 0 10 0\n" +
		"   4: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000  2000        0 1 1 0 100 0 0 10 0\n" + // another port
		"   5: 0100000A:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  2001        0 1 1 0 100 0 0 10 0\n" + // another address
		"   6: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  2002        0 1 1 0 100 0 0 10 0\n") // connected
	if users, err := listeners(table, 8080); err != nil || !slices.Equal(users, []uint32{1000, 1001, 1002, 1003}) {
		t.Errorf("got %v, %v", users, err)
	}
}

func TestListens_IsTrueOfAWorkersOwnPortAlone(t *testing.T) {
	r := testRuntime(t)
	self, other := &guest.User{UID: uint32(os.Geteuid())}, &guest.User{UID: uint32(os.Geteuid()) + 1}
	r.made["mine"], r.made["agents"], r.made["others"] = &Home{User: self}, &Home{}, &Home{User: other}
	for _, at := range []string{"127.0.0.1:0", ":0"} {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		port := listener.Addr().(*net.TCPAddr).Port
		for id, want := range map[string]bool{"mine": true, "agents": true, "others": false} {
			if got, err := r.Listens(id, port); got != want || err != nil {
				t.Errorf("%s, %s: %v, %v", at, id, got, err)
			}
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := r.Listens("mine", port); got || err != nil {
			t.Errorf("%s, when nobody listens: %v, %v", at, got, err)
		}
	}
	if _, err := r.Listens("nobody", 1); err == nil {
		t.Error("there is no such worker")
	}
}
