package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"

	"github.com/headrace/headrace/internal/errs"
)

// sumTag begins the extension of an entry that has a checksum. Another kind of checksum would have another tag.
const sumTag = 1

var sumTable = crc32.MakeTable(crc32.Castagnoli)

// sumOf returns the extension that an entry has to have: the tag, then the CRC-32C of all of it that Raft acts on.
func sumOf(entry *raft.Log) []byte {
	var head [17]byte
	binary.BigEndian.PutUint64(head[0:], entry.Index)
	binary.BigEndian.PutUint64(head[8:], entry.Term)
	head[16] = byte(entry.Type)
	sum := crc32.Update(crc32.Checksum(head[:], sumTable), sumTable, entry.Data)
	return binary.BigEndian.AppendUint32([]byte{sumTag}, sum)
}

// intact says whether an entry is what was written. One without a checksum was written by a version that made none.
func intact(entry *raft.Log) bool {
	return len(entry.Extensions) == 0 || bytes.Equal(entry.Extensions, sumOf(entry))
}

// checkedLog gives every entry a checksum before it is stored, and verifies it whenever the entry is read: nothing is
// applied, or sent to another server, that is not what was written. The checksum travels with the entry, so a follower
// stores nothing either that was damaged on the way.
type checkedLog struct {
	raft.LogStore
	where   string      // the log's directory, for people
	damaged func(error) // told of an entry that cannot be read as it was written; it stops the server
}

// IsMonotonic passes on whether the store wants no gaps; Raft asks by this method.
func (l *checkedLog) IsMonotonic() bool {
	m, ok := l.LogStore.(raft.MonotonicLogStore)
	return ok && m.IsMonotonic()
}

// StoreLog appends one entry.
func (l *checkedLog) StoreLog(entry *raft.Log) error { return l.StoreLogs([]*raft.Log{entry}) }

// StoreLogs appends entries.
func (l *checkedLog) StoreLogs(entries []*raft.Log) error {
	for _, entry := range entries {
		if !intact(entry) {
			return errs.New(errs.Internal, "cannot store entry %d: it was damaged on its way here", entry.Index)
		}
		if len(entry.Extensions) == 0 {
			entry.Extensions = sumOf(entry)
		}
	}
	return l.LogStore.StoreLogs(entries)
}

// GetLog reads an entry. When that is damaged it never returns: Raft would panic at an error, and use what it is given
// without one. The process is about to end then.
func (l *checkedLog) GetLog(index uint64, entry *raft.Log) error {
	err := l.read(index, entry)
	if err == nil || errors.Is(err, raft.ErrLogNotFound) || errors.Is(err, wal.ErrClosed) {
		return err
	}
	l.damaged(err)
	select {}
}

// read reads an entry and verifies it.
func (l *checkedLog) read(index uint64, entry *raft.Log) error {
	err := l.LogStore.GetLog(index, entry)
	switch {
	case errors.Is(err, raft.ErrLogNotFound) || errors.Is(err, wal.ErrClosed):
		return err
	case err != nil:
		return l.damage(index, err)
	case entry.Index != index || !intact(entry):
		return l.damage(index, errors.New("its checksum says that it is not what was written"))
	}
	return nil
}

// verify reads the whole log. It is for the start, before Raft reads, which panics at what it cannot read.
func (l *checkedLog) verify() error {
	first, err := l.FirstIndex()
	if err != nil {
		return fmt.Errorf("cannot find the first entry of the log in %s: %w", l.where, err)
	}
	last, err := l.LastIndex()
	if err != nil {
		return fmt.Errorf("cannot find the last entry of the log in %s: %w", l.where, err)
	}
	for index := first; index <= last && last > 0; index++ {
		entry := raft.Log{}
		err := l.read(index, &entry)
		if errors.Is(err, raft.ErrLogNotFound) {
			err = l.damage(index, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// damage says that an entry is damaged, and what to do about it.
func (l *checkedLog) damage(index uint64, why error) error {
	return errs.New(errs.Internal, "cannot use this server's log: entry %d in %s is damaged: %w. Nothing of it was "+
		"used, and the other servers have it whole. Replace this server: start it with an empty data directory and a "+
		"new server_id (docs/three-machines.md, \"When a server is lost\"); a cluster of one server needs its backup",
		index, l.where, why)
}
