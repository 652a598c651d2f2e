package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/headrace/headrace/internal/errs"
	"github.com/headrace/headrace/internal/spec/codec"
)

// fieldFlag is a flag and a field of a request that it sets, by the path that servers name in their errors. A flag that
// sets several fields has several rows.
type fieldFlag struct{ flag, field string }

// contains says whether a path is the field, or something in it.
func (f fieldFlag) contains(path string) bool {
	rest, found := strings.CutPrefix(path, f.field)
	return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// fieldNames knows what users call the fields of a request.
type fieldNames struct {
	command *cobra.Command
	request proto.Message
	flags   []fieldFlag
}

// rename returns an error that names a field as the user wrote it: by the flag that sets it, or by its path in a file.
// Other errors stay as they are.
func (n fieldNames) rename(err error) error {
	var wrong *errs.Error
	if !errors.As(err, &wrong) || wrong.Field == "" {
		return err
	}
	text := codec.Words(n.request.ProtoReflect().Descriptor(), wrong.Message)
	return &errs.Error{
		Kind:    wrong.Kind,
		Field:   n.name(wrong.Field),
		Message: text,
		Cause:   err,
	}
}

// name returns what users call a field; empty for the whole spec, which they do not name.
func (n fieldNames) name(path string) string {
	if path == "spec" {
		return ""
	}
	rows := n.rowsOf(path)
	if len(rows) == 0 {
		return n.path(path)
	}
	var names []string
	for _, row := range rows {
		names = append(names, "--"+row.flag)
	}
	name := strings.Join(slices.Compact(names), " and ")
	if below := n.below(rows[0].field, path); below != "" {
		name += ": " + below
	}
	return name
}

// rowsOf returns the flags that a user thinks of at a path: those given for the smallest field around it, or else those
// given for something in it. If none of them was given, it is the flag that would set the field, unless there is a
// file: then the file has the field, or lacks it.
func (n fieldNames) rowsOf(path string) []fieldFlag {
	if given := smallest(n.having(func(f fieldFlag) bool { return n.given(f) && f.contains(path) })); len(given) > 0 {
		return given
	}
	whole := fieldFlag{field: path}
	if inside := n.having(func(f fieldFlag) bool { return n.given(f) && whole.contains(f.field) }); len(inside) > 0 {
		return inside
	}
	around := smallest(n.having(func(f fieldFlag) bool { return f.contains(path) }))
	if len(around) == 0 || n.command.Flags().Changed("file") {
		return nil
	}
	return around[:1]
}

// having returns the rows for which something holds.
func (n fieldNames) having(holds func(fieldFlag) bool) (rows []fieldFlag) {
	for _, row := range n.flags {
		if holds(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// smallest returns the rows of the smallest field among fields that contain one another: it has the longest path.
func smallest(rows []fieldFlag) []fieldFlag {
	longest := 0
	for _, row := range rows {
		longest = max(longest, len(row.field))
	}
	return slices.DeleteFunc(slices.Clone(rows), func(f fieldFlag) bool { return len(f.field) < longest })
}

func (n fieldNames) given(f fieldFlag) bool { return n.command.Flags().Changed(f.flag) }

// path returns the path in a file; such a file has what is in spec, and no spec.
func (n fieldNames) path(path string) string {
	text := codec.File.Path(n.request.ProtoReflect().Descriptor(), path)
	return strings.TrimPrefix(strings.TrimPrefix(text, "spec"), ".")
}

// below returns the part of a path, as a file has it, that is in a field.
func (n fieldNames) below(field, path string) string {
	rest, found := strings.CutPrefix(n.path(path), n.path(field))
	if !found || field == path {
		return ""
	}
	return strings.TrimPrefix(rest, ".")
}
