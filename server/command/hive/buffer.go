package hive

import "strconv"

// What Hive and Tez derive from the memory of a task.
const (
	mapJoinSize     = "hive.auto.convert.join.noconditionaltask.size" // bytes
	sortBuffer      = "tez.runtime.io.sort.mb"                        // MiB
	unorderedBuffer = "tez.runtime.unordered.output.buffer.size-mb"   // MiB
)

// maxSortMiB bounds the buffer for sorting: Tez's sorter uses one Java array well, and no more.
const maxSortMiB = 2047

// addBuffers computes what nobody set, from the memory of a Tez task: a third of it for the small tables of a map join,
// two fifths for sorting (at most 2047 MiB), a tenth for output without order.
func (l levels) addBuffers(taskMiB int64) {
	l.addMissing(mapJoinSize, taskMiB<<20/3)
	l.addMissing(sortBuffer, min(taskMiB*4/10, maxSortMiB))
	l.addMissing(unorderedBuffer, taskMiB/10)
}

func (l levels) addMissing(key string, value int64) {
	if !l.Asked(key) {
		l.Default(key, strconv.FormatInt(value, 10))
	}
}
