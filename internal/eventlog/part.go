package eventlog

import (
	"fmt"
	"path"
	"strings"
)

// compacted ends the name of a part that stands for all parts up to its index.
const compacted = ".compact"

// Part returns the index of a file that is a part of a log in parts; isPart is false of all other files.
func Part(name string) (index uint64, isPart bool) {
	inParts := strings.HasPrefix(path.Base(path.Dir(name)), folderPrefix)
	rank, index := orderOf(name)
	return index, inParts && rank == rankPart && index > 0
}

// indexOf returns the index of a part.
func indexOf(part File) uint64 {
	index, _ := Part(part.Name)
	return index
}

// isCompacted says whether a part stands for those before it.
func isCompacted(part File) bool { return strings.HasSuffix(part.Name, compacted) }

// compactedAs returns the name with which a part stands for all parts up to an index. It keeps the end by which Spark
// knows how the part is compressed.
func compactedAs(part string, index uint64) string {
	return fmt.Sprintf("%s/%s%d_%s%s", path.Dir(part), partPrefix, index, writerOf(part), compacted)
}

// plainAs is like compactedAs, of a part that is not compressed. Spark has no points in names of applications.
func plainAs(part string, index uint64) string {
	writer, _, _ := strings.Cut(writerOf(part), ".")
	return fmt.Sprintf("%s/%s%d_%s%s", path.Dir(part), partPrefix, index, writer, compacted)
}

// writerOf returns what the name of a part says after its index: the application, and how the part is compressed.
func writerOf(part string) string {
	rest := strings.TrimPrefix(path.Base(part), partPrefix)
	_, writer, _ := strings.Cut(rest, "_")
	return strings.TrimSuffix(writer, compacted)
}
