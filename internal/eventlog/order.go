package eventlog

import (
	"cmp"
	"path"
	"strconv"
	"strings"
)

// Compare orders files as they are to be copied: those of a folder together, parts as they follow one another, and the
// mark last. So what is there of a log at any time is its beginning, and one that is marked as finished is whole.
func Compare(a, b string) int {
	rankA, indexA := orderOf(a)
	rankB, indexB := orderOf(b)
	return cmp.Or(
		strings.Compare(path.Dir(a), path.Dir(b)),
		cmp.Compare(rankA, rankB),
		cmp.Compare(indexA, indexB),
		strings.Compare(a, b),
	)
}

// The ranks of files in a folder.
const (
	rankPart = iota
	rankOther
	rankMark
)

// orderOf returns where a file is among those of its folder. index is 0 unless it is a part.
func orderOf(name string) (rank int, index uint64) {
	if IsMark(name) {
		return rankMark, 0
	}
	rest, isPart := strings.CutPrefix(path.Base(name), partPrefix)
	number, _, _ := strings.Cut(rest, "_")
	index, err := strconv.ParseUint(number, 10, 64)
	if !isPart || err != nil {
		return rankOther, 0
	}
	return rankPart, index
}
