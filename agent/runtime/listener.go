package runtime

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// The tables of the kernel's TCP sockets, as the thread that reads them sees them: /proc/net is the network of the
// process's first.
var socketTables = []string{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}

// Columns of the tables.
const (
	localColumn = 1
	stateColumn = 3
	userColumn  = 7

	listening = "0A"
)

// loopbackHosts are the addresses, as the tables write them, of sockets that may answer calls to 127.0.0.1: this one,
// and the one that stands for all, of both families.
var loopbackHosts = map[string]bool{
	"0100007F":                         true,
	"00000000":                         true,
	"0000000000000000FFFF00000100007F": true,
	"0000000000000000FFFF000000000000": true,
	"00000000000000000000000000000000": true,
}

// Listens says whether this worker, and nobody else, listens at a port of 127.0.0.1: a worker says itself where it
// does, and may name somebody else's port. Workers that share a user are not told apart.
func (r *Runtime) Listens(id string, port int) (bool, error) {
	home, err := r.Home(id)
	if err != nil {
		return false, err
	}
	user := uint32(os.Geteuid())
	if home.User != nil {
		user = home.User.UID
	}
	var owners []uint32
	for _, path := range socketTables {
		found, err := listenersIn(path, port)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a machine may lack a family
			return false, err
		}
		owners = append(owners, found...)
	}
	for _, owner := range owners {
		if owner != user {
			return false, nil
		}
	}
	return len(owners) > 0, nil
}

func listenersIn(path string, port int) ([]uint32, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return listeners(file, port)
}

// listeners returns the users of a table that listen at a port of loopback.
func listeners(table io.Reader, port int) (users []uint32, err error) {
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		columns := strings.Fields(lines.Text())
		if len(columns) <= userColumn || columns[stateColumn] != listening {
			continue
		}
		host, text, _ := strings.Cut(columns[localColumn], ":")
		if at, err := strconv.ParseUint(text, 16, 16); err != nil || int(at) != port || !loopbackHosts[host] {
			continue
		}
		user, err := strconv.ParseUint(columns[userColumn], 10, 32)
		if err != nil {
			return nil, err
		}
		users = append(users, uint32(user))
	}
	return users, lines.Err()
}
