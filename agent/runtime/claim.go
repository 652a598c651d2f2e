package runtime

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/atomicfile"
	"github.com/headrace/headrace/internal/errs"
)

// claimsDir has a file for each range of users that an agent of this machine has: its name is the range, its content
// the agent's data directory. It is empty after a boot, as then nobody has any.
const claimsDir = "/run/headrace/users"

// Where a range is looked for: systemd leaves these numbers to nobody. See also its page on users, groups, UIDs and
// GIDs.
const (
	firstRange = 1_879_048_192
	lastUser   = 2_147_483_647
	rangeSize  = 65_536
)

// usersFile keeps the range that an agent has, in its data directory.
const usersFile = "worker-uids"

// String says a range for people and settings: FIRST-LAST.
func (u Users) String() string { return fmt.Sprintf("%d-%d", u.First, u.last()) }

func (u Users) last() uint32 { return u.First + u.Count - 1 }

func (u Users) overlaps(other Users) bool { return u.First <= other.last() && other.First <= u.last() }

// ParseUsers reads what String says.
func ParseUsers(text string) (Users, error) {
	first, last, ok := strings.Cut(text, "-")
	from, err := strconv.ParseUint(strings.TrimSpace(first), 10, 32)
	to, toErr := strconv.ParseUint(strings.TrimSpace(last), 10, 32)
	switch {
	case !ok || err != nil || toErr != nil:
		example := Users{First: firstRange, Count: rangeSize}
		return Users{}, errs.Field("worker_uids", "cannot be %q: give FIRST-LAST, such as %s", text, example)
	case from < 1000 || to > lastUser || to < from:
		return Users{}, errs.Field("worker_uids",
			"cannot be %q: 1000 to %d, FIRST not above LAST", text, lastUser)
	}
	return Users{First: uint32(from), Count: uint32(to - from + 1)}, nil
}

// ClaimUsers makes a range of users this agent's own, for as long as its data directory is there: the wanted range or,
// if that is empty, the range that the agent had before if that is large enough, else a free one. It refuses a range of
// which the machine, or another agent, has a user.
func ClaimUsers(dataDir string, wanted Users) (Users, error) {
	if err := os.MkdirAll(claimsDir, 0o755); err != nil {
		return Users{}, errs.New(errs.Unavailable, "cannot note which users belong to this agent: %w", err)
	}
	taken, err := takenUsers()
	if err != nil {
		return Users{}, errs.New(errs.Unavailable, "cannot find out which users this machine has: %w", err)
	}
	candidates := slices.Values([]Users{wanted})
	if wanted.Count == 0 {
		candidates = freeRanges(dataDir)
	}
	for candidate := range candidates {
		err = claim(dataDir, candidate, taken)
		if err == nil {
			kept := filepath.Join(dataDir, usersFile)
			return candidate, atomicfile.WriteBytes(kept, atomicfile.Options{}, []byte(candidate.String()))
		}
	}
	return Users{}, err
}

// freeRanges returns the range that an agent had, and then all others.
func freeRanges(dataDir string) func(yield func(Users) bool) {
	return func(yield func(Users) bool) {
		had, _ := os.ReadFile(filepath.Join(dataDir, usersFile))
		if last, err := ParseUsers(string(had)); err == nil && last.Count >= rangeSize && !yield(last) {
			return
		}
		for first := uint64(firstRange); first+rangeSize-1 <= lastUser; first += rangeSize {
			if !yield(Users{First: uint32(first), Count: rangeSize}) {
				return
			}
		}
	}
}

// claim claims one range, unless somebody has a user of it.
func claim(dataDir string, wanted Users, taken []Users) error {
	for _, other := range taken {
		if wanted.overlaps(other) {
			return errs.Field("worker_uids", "cannot take the users %s: this machine has users %s; "+
				"leave the setting out, or name a free range", wanted, other)
		}
	}
	others, err := claims(dataDir)
	if err != nil {
		return err
	}
	for other, by := range others {
		if wanted.overlaps(other) {
			return errs.Field("worker_uids", "cannot take the users %s: the agent of %s has %s", wanted, by, other)
		}
	}
	return noteClaim(filepath.Join(claimsDir, wanted.String()), dataDir)
}

// noteClaim writes the file of a claim. Of two agents, one can.
func noteClaim(path, dataDir string) error {
	err := atomicfile.WriteBytes(path, atomicfile.Options{Exclusive: true}, []byte(dataDir))
	if errors.Is(err, fs.ErrExist) { // it is ours, or somebody was faster
		content, readErr := os.ReadFile(path)
		if string(content) == dataDir {
			return nil
		}
		return cmp.Or(readErr, err)
	}
	return err
}

// claims returns the ranges of the other agents of this machine. Those whose data directory is gone have none any more.
func claims(dataDir string) (map[Users]string, error) {
	entries, err := os.ReadDir(claimsDir)
	if err != nil {
		return nil, err
	}
	all := map[Users]string{}
	for _, entry := range entries {
		path := filepath.Join(claimsDir, entry.Name())
		users, err := ParseUsers(entry.Name())
		by, readErr := os.ReadFile(path)
		if err != nil || readErr != nil || string(by) == dataDir || len(by) == 0 {
			continue
		}
		if !exists(string(by)) {
			_ = os.Remove(path)
			continue
		}
		all[users] = string(by)
	}
	return all, nil
}

// takenUsers returns the users and groups of this machine, and those that it gives to people for containers of theirs.
func takenUsers() (taken []Users, err error) {
	for file, field := range map[string]int{
		"/etc/passwd": 2,
		"/etc/group":  2,
		"/etc/subuid": 1,
		"/etc/subgid": 1,
	} {
		found, err := usersIn(file, field)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		taken = append(taken, found...)
	}
	return taken, nil
}

// usersIn reads a file whose lines have a number in that field, and, if there are three fields only, how many there are
// from it on.
func usersIn(file string, field int) (all []Users, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) <= field {
			continue
		}
		first, err := strconv.ParseUint(fields[field], 10, 32)
		if err != nil {
			continue // a comment, or a name of another directory
		}
		count := uint64(1)
		if len(fields) == 3 {
			count, _ = strconv.ParseUint(fields[2], 10, 32)
		}
		all = append(all, Users{First: uint32(first), Count: uint32(min(max(count, 1), lastUser))})
	}
	return all, lines.Err()
}
