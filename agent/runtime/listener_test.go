package runtime

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/headrace/headrace/agent/guest"
)

func TestListeners_AreThoseThatAnswerOnLoopback(t *testing.T) {
	const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	row := func(local, remote, state string, user int) string {
		return fmt.Sprintf("   0: %s %s %s 00000000:00000000 00:00000000 00000000  %d        0 1 1 0 100 0 0 10 0\n",
			local, remote, state, user)
	}
	const nobody = "00000000:0000"
	const nobody6 = "00000000000000000000000000000000:0000"
	table := strings.NewReader(head +
		row("0100007F:1F90", nobody, "0A", 1000) + // 127.0.0.1
		row("00000000:1F90", nobody, "0A", 1001) + // all
		row("0000000000000000FFFF00000100007F:1F90", nobody6, "0A", 1002) + // 127.0.0.1, in the table of IPv6
		row("00000000000000000000000000000000:1F90", nobody6, "0A", 1003) + // all, in the table of IPv6
		row("0100007F:1F91", nobody, "0A", 2000) + // another port
		row("0100000A:1F90", nobody, "0A", 2001) + // another address
		row("0100007F:1F90", "0100007F:D431", "01", 2002)) // connected
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
