package logs

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/logpath"
)

// rawBytes is the largest part of a stream that is passed on at once.
const rawBytes = 64 << 10

// Stream is what a worker wrote to stdout or stderr, as a backend keeps it in compressed parts.
type Stream struct {
	Backend Backend
	Folder  string // the worker's
	Name    string // stdout or stderr

	part  int64 // bytes of a part; 0: logpath.PartBytes
	ended end   // of the last Copy
}

func (s *Stream) partBytes() int64 { return cmp.Or(s.part, logpath.PartBytes) }

// end is where a file had nothing more to give. Until the file has another size, it need not be decompressed again.
type end struct {
	file         string
	size, offset int64
}

// Take is given a part of a stream and where it begins. It may use data until it returns.
type Take func(offset int64, data []byte) error

// Copy passes on what the backend has of the stream from an offset on, counted before compression, and says whether the
// backend has anything of the stream at all. It needs memory for one message only, and has one caller at a time. If the
// end of a part is not there yet, or was cut off, the part is as long as it can be decompressed.
func (s *Stream) Copy(ctx context.Context, offset int64, take Take) (found bool, err error) {
	for {
		index := offset / s.partBytes()
		next, had, err := s.copyPart(ctx, index, offset, take)
		found = found || had
		if err != nil || next == offset || next%s.partBytes() != 0 {
			return found, err
		}
		offset = next
	}
}

// copyPart copies the part with an index: from its archive if there is one, else from the newest file if that holds
// this part.
func (s *Stream) copyPart(
	ctx context.Context,
	index, offset int64,
	take Take,
) (next int64, found bool, err error) {
	next, err = s.copyFile(ctx, logpath.Archived(s.Folder, s.Name, index), index, offset, take)
	if !errs.Is(err, errs.NotFound) {
		return next, true, err
	}
	next, err = s.copyFile(ctx, logpath.Latest(s.Folder, s.Name), index, offset, take)
	if errs.Is(err, errs.NotFound) {
		found, err = s.archived(ctx, index-1)
		return offset, found, err
	}
	return next, true, err
}

// archived says whether a part is archived. It looks for no other part: users choose the offset, so that would have no
// end.
func (s *Stream) archived(ctx context.Context, index int64) (bool, error) {
	if index < 0 {
		return false, nil
	}
	_, err := s.Backend.Stat(ctx, logpath.Archived(s.Folder, s.Name, index))
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// copyFile copies a file whose first byte, decompressed, is the first one of the part with that index.
func (s *Stream) copyFile(
	ctx context.Context,
	file string,
	index, offset int64,
	take Take,
) (next int64, err error) {
	size, err := s.Backend.Stat(ctx, file)
	if err != nil || s.ended == (end{file, size, offset}) {
		return offset, err
	}
	if next, err = s.decompress(ctx, file, index, offset, take); err == nil {
		s.ended = end{file, size, next}
	}
	return next, err
}

// decompress copies a file from an offset of the stream on.
func (s *Stream) decompress(
	ctx context.Context,
	file string,
	index, offset int64,
	take Take,
) (next int64, err error) {
	compressed, err := s.Backend.Read(ctx, file, 0)
	if err != nil {
		return offset, err
	}
	defer func() { err = errors.Join(err, compressed.Close()) }()
	raw, err := gzip.NewReader(bufio.NewReaderSize(compressed, rawBytes))
	if incomplete(err) { // there is nothing of it yet
		return offset, nil
	}
	if err != nil {
		return offset, unreadable(file, err)
	}
	if holds, err := s.holds(ctx, file, raw.Name, index); err != nil || !holds {
		return offset, err
	}
	begin := index * s.partBytes()
	_, err = io.CopyN(io.Discard, raw, offset-begin) // at most a part
	if incomplete(err) {
		return offset, nil
	}
	if err != nil {
		return offset, unreadable(file, err)
	}
	return copyRaw(ctx, file, raw, offset, begin+s.partBytes(), take)
}

// holds says whether a file holds a part. The file's header names its part, such as stdout_3: after a part is archived,
// and until the newest file is replaced, the newest file still holds the archived part. If the header of the newest
// file names no part, the file holds the part after the archived ones.
func (s *Stream) holds(ctx context.Context, file, header string, index int64) (bool, error) {
	if named, ok := strings.CutPrefix(header, s.Name+"_"); ok {
		return named == strconv.FormatInt(index, 10), nil
	}
	if index == 0 || file != logpath.Latest(s.Folder, s.Name) {
		return true, nil
	}
	return s.archived(ctx, index-1)
}

// copyRaw passes on what is left of a part. If a file has bytes beyond its part, they are left out: no agent wrote
// them.
func copyRaw(
	ctx context.Context,
	file string,
	raw io.Reader,
	offset, end int64,
	take Take,
) (next int64, err error) {
	data := make([]byte, rawBytes)
	for {
		n, err := raw.Read(data)
		beyond := int64(n) > end-offset
		if n = int(min(int64(n), end-offset)); n > 0 {
			if err := take(offset, data[:n]); err != nil {
				return offset, err
			}
			offset += int64(n)
		}
		switch {
		case incomplete(err), beyond:
			return offset, nil
		case err != nil:
			return offset, unreadable(file, err)
		case ctx.Err() != nil:
			return offset, ctx.Err()
		}
	}
}

// incomplete says that a file ends, in the middle or not.
func incomplete(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func unreadable(file string, err error) error {
	if errs.KindOf(err) != errs.Internal {
		return err
	}
	return errs.New(errs.Unavailable, "cannot read %s where logs are kept: %w", file, err)
}
