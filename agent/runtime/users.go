package runtime

import (
	"path/filepath"
	"sync"

	"github.com/headrace/headrace/agent/guest"
	"github.com/headrace/headrace/internal/errs"
)

// Users are ids of users, and of groups of the same numbers, that nobody else on this machine has.
type Users struct {
	First, Count uint32
}

// users gives every home a user of its own. One is not given again while anything of its last home is there.
type users struct {
	shared *guest.User // all workers have it, if Users is empty; nil: the agent's own
	all    Users
	group  uint32 // of all workers; 0: each has the group of its user's number
	path   string // of the file that says which one is next, so that one is used again as late as can be

	mu   sync.Mutex
	used map[uint32]int // homes
	next uint32         // counted from First
}

// nextUser is the content of that file.
type nextUser struct {
	Next uint32 `json:"next"`
}

func newUsers(config Config) *users {
	u := &users{
		shared: config.User,
		all:    config.Users,
		group:  config.Group,
		path:   filepath.Join(config.DataDir, "users.json"),
		used:   map[uint32]int{},
	}
	var kept nextUser
	if found, err := readJSON(u.path, &kept); found && err == nil && u.all.Count > 0 {
		u.next = kept.Next % u.all.Count
	}
	return u
}

// take returns a user for a home. It goes round, from the one that was given last.
func (u *users) take() (*guest.User, error) {
	if u.all.Count == 0 {
		return u.shared, nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for range u.all.Count {
		id := u.all.First + u.next
		u.next = (u.next + 1) % u.all.Count
		if u.used[id] == 0 {
			u.used[id] = 1
			return u.user(id), writeJSON(u.path, nextUser{Next: u.next})
		}
	}
	return nil, errs.New(errs.Overloaded, "cannot start one more worker: "+
		"all %d users of worker_uids are those of workers whose directories are kept", u.all.Count)
}

func (u *users) user(id uint32) *guest.User {
	if u.group != 0 {
		return &guest.User{UID: id, GID: u.group}
	}
	return &guest.User{UID: id, GID: id}
}

// hold counts one more home of a user.
func (u *users) hold(user *guest.User) {
	if user == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.used[user.UID]++
}

// free counts one home less.
func (u *users) free(user *guest.User) {
	if user == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.used[user.UID]--; u.used[user.UID] <= 0 {
		delete(u.used, user.UID)
	}
}
