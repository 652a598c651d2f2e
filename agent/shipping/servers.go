package shipping

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	// copies is how many servers have each file.
	copies = 2
	// downAfter is how long a server may fail before the next one is used instead.
	downAfter = 10 * time.Second
	// chunkBytes is the most that is stored at once.
	chunkBytes = 1 << 20
	// storeTimeout bounds one call.
	storeTimeout = 10 * time.Second
)

// Servers are the servers of the cluster, as far as shipping uses them.
type Servers interface {
	// Addresses returns those that the agent knows.
	Addresses() []string
	// Store keeps a part of a file on a server and returns how much of the file it has. No data asks for that only.
	Store(ctx context.Context, server, path string, offset int64, data []byte) (size int64, err error)
}

// health is which servers fail, for all shipments of an agent.
type health struct {
	mu      sync.Mutex
	failing map[string]time.Time // since when
}

// note keeps whether a call succeeded.
func (h *health) note(server string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.failing, server)
	} else if h.failing[server].IsZero() {
		h.failing[server] = time.Now()
	}
}

// down says whether a server has failed for so long that another one is used instead.
func (h *health) down(server string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	since := h.failing[server]
	return !since.IsZero() && time.Since(since) > downAfter
}

// disks is the destination on the servers' own disks. Files only grow there.
type disks struct {
	servers Servers
	health  *health
	sizes   map[string]int64 // what is there, by server and name; not known: it is asked
}

func (d *disks) put(ctx context.Context, p part) error {
	return p.open(func(file *os.File) error { return d.putWhole(ctx, file, p.archived, p.size) })
}

// putWhole brings a file to its two servers. A server that fails is tried again until it counts as down; then the next
// one in the file's own order of servers gets it, from the beginning.
func (d *disks) putWhole(ctx context.Context, file io.ReaderAt, name string, size int64) (err error) {
	had := 0
	for _, server := range rank(d.servers.Addresses(), name) {
		if had == copies {
			break
		}
		failed := d.putOn(ctx, server, file, name, size)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.health.note(server, failed)
		if failed != nil && d.health.down(server) {
			continue
		}
		err = errors.Join(err, failed)
		had++
	}
	if had == 0 && err == nil {
		return fmt.Errorf("cannot store %s: no server answers", name)
	}
	return err
}

func (d *disks) forget(name string) {
	for _, server := range d.servers.Addresses() {
		delete(d.sizes, sizeKey(server, name))
	}
}

// sizeKey is how the size of a file on a server is remembered.
func sizeKey(server, name string) string { return server + " " + name }

// putOn brings a server what it lacks of a file.
func (d *disks) putOn(ctx context.Context, server string, file io.ReaderAt, name string, size int64) (err error) {
	key := sizeKey(server, name)
	has, known := d.sizes[key]
	if known && has >= size {
		return nil
	}
	if !known {
		if has, err = d.store(ctx, server, name, 0, nil); err != nil {
			return err
		}
	}
	chunk := make([]byte, min(chunkBytes, max(size-has, 0)))
	for has < size {
		n, err := file.ReadAt(chunk[:min(int64(len(chunk)), size-has)], has)
		if err != nil && !(errors.Is(err, io.EOF) && n > 0) {
			return err
		}
		now, err := d.store(ctx, server, name, has, chunk[:n])
		if err != nil {
			delete(d.sizes, key)
			return err
		}
		if now == has {
			return fmt.Errorf("server %s takes no more of %s than %d bytes", server, name, now)
		}
		has = now
	}
	d.sizes[key] = has
	return nil
}

func (d *disks) store(ctx context.Context, server, name string, offset int64, data []byte) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return d.servers.Store(ctx, server, name, offset, data)
}

// rank orders servers for a file, each file another way, so that all carry about as much, and every agent finds the
// same order.
func rank(servers []string, name string) []string {
	weight := func(server string) string {
		sum := sha256.Sum256([]byte(server + " " + name))
		return string(sum[:])
	}
	ranked := slices.Clone(servers)
	slices.SortFunc(ranked, func(a, b string) int { return cmp.Compare(weight(a), weight(b)) })
	return ranked
}
