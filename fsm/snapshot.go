package fsm

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/headrace/headrace/fsm/state"
	snapshotv1 "github.com/headrace/headrace/proto/headrace/snapshot/v1"
)

// snapshotVersion is the version of the file that this code writes. It reads this one and the one before.
const snapshotVersion = 1

// maxRow bounds one row of a snapshot, in bytes: a submission has at most 256 KiB, so a row is far below.
const maxRow = 8 << 20

// WriteSnapshot writes a state as a header and one length-delimited message per row. If a reader finds fewer rows than
// the header says, it knows that the file is torn.
func WriteSnapshot(w io.Writer, view *state.View) error {
	out := bufio.NewWriterSize(w, 1<<16)
	rows := uint64(0)
	for range snapshotRows(view) {
		rows++
	}
	if _, err := protodelim.MarshalTo(out, headerRow(view, rows)); err != nil {
		return fmt.Errorf("cannot write the header of snapshot %d: %w", view.Sequence, err)
	}
	for row := range snapshotRows(view) {
		if _, err := protodelim.MarshalTo(out, row); err != nil {
			return fmt.Errorf("cannot write snapshot %d: %w", view.Sequence, err)
		}
	}
	return out.Flush()
}

// ReadSnapshot reads a state that WriteSnapshot wrote.
func ReadSnapshot(r io.Reader) (*state.View, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	first, err := readRow(in)
	if err != nil || first.GetHeader() == nil {
		return nil, fmt.Errorf("cannot read a snapshot: it does not begin with a header (%w)", errOr(err, errNoHeader))
	}
	header := first.GetHeader()
	if header.GetVersion() > snapshotVersion {
		return nil, fmt.Errorf("cannot read a snapshot of version %d: this server knows versions up to %d; upgrade it",
			header.GetVersion(), snapshotVersion)
	}
	tx := state.New().Begin()
	for n := range header.GetRows() {
		row, err := readRow(in)
		if err != nil {
			return nil, fmt.Errorf("cannot read row %d of the %d of a snapshot: %w", n+1, header.GetRows(), err)
		}
		restoreRow(tx, row)
	}
	tx.Initialize(header.GetClusterId(), header.GetAccountId(), header.GetRegion())
	tx.Advance(header.GetSequence(), state.Moment(header.GetTimeUnixNano()))
	return tx.Commit(), nil
}

var errNoHeader = errors.New("its first row is something else")

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func readRow(in *bufio.Reader) (*snapshotv1.Row, error) {
	row := &snapshotv1.Row{}
	err := protodelim.UnmarshalOptions{MaxSize: maxRow}.UnmarshalFrom(in, row)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return row, err
}
