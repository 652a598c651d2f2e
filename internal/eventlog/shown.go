package eventlog

import (
	"fmt"
	"path"
	"slices"

	"github.com/headrace/headrace/internal/errs"
)

// File is a file of an event log.
type File struct {
	Name string // below the folder of event logs
	Size int64  // in bytes
}

// Bounds are those of what is shown of event logs.
type Bounds struct {
	Bytes int64
	Files int
}

// Usual returns the bounds of what a history server is given.
func Usual() Bounds { return Bounds{Bytes: 4 << 30, Files: 9_000} }

// Copy is a file that is shown.
type Copy struct {
	File        // as it is kept
	As   string // its name where it is shown
}

// Shown is what is shown of event logs.
type Shown struct {
	// Copies are the files that are shown.
	Copies []Copy
	// Headless are the names of files that are to say which application wrote a log whose first part is not shown.
	Headless []string
	// Bytes are those of Copies.
	Bytes int64

	kept      int64 // bytes of all files
	keptFiles int   // without marks
	single    bool  // there is one log, in parts, and no other
	cut       bool  // something is left out, or missing
	newest    int   // parts of logs that are cut, but for their first ones
}

// Choose says what is shown of event logs that have these files, in any order. A log in parts that is too large, or
// lacks some, is shown from its first part and the newest ones.
func Choose(kept []File, within Bounds) (Shown, error) {
	s := Shown{}
	logs := map[string][]File{}
	var folders []string // of logs, in order
	for _, file := range inOrder(kept) {
		s.kept += file.Size
		if !IsMark(file.Name) {
			s.keptFiles++
		}
		folder := path.Dir(file.Name)
		if _, isPart := Part(file.Name); !isPart {
			s.add(file, file.Name)
			continue
		}
		if logs[folder] == nil {
			folders = append(folders, folder)
		}
		logs[folder] = append(logs[folder], file)
	}
	if err := s.checkRoom(len(folders), within); err != nil {
		return Shown{}, err
	}
	share := Bounds{
		Bytes: (within.Bytes - s.Bytes) / int64(max(len(folders), 1)),
		Files: (within.Files - len(s.Copies)) / max(len(folders), 1),
	}
	s.single = len(folders) == 1 && s.files() == 0
	for _, folder := range folders {
		if err := s.addLog(logs[folder], share); err != nil {
			return Shown{}, err
		}
	}
	return s, nil
}

// leastFiles is how many files a log in parts takes that is shown, however much of it: its head, and its newest part.
const leastFiles = 2

// checkRoom holds that beside the files that are shown as they are there is room for some of so many logs in parts.
func (s *Shown) checkRoom(logs int, within Bounds) error {
	if others := s.files(); s.Bytes > within.Bytes || others > within.Files {
		return errs.New(errs.TooLarge, "cannot show the history: %d files of its event log, with %d bytes, are no parts of "+
			"a rolling one, and at most %d with %d bytes are shown; leave spark.eventLog.rolling.enabled true",
			others, s.Bytes, within.Files, within.Bytes)
	}
	if least := len(s.Copies) + leastFiles*logs; least > within.Files {
		return errs.New(errs.TooLarge, "cannot show the history: its %d event logs take %d files at least, and at most %d "+
			"are shown; start fewer SparkContexts in one job run", logs, least, within.Files)
	}
	return nil
}

// files returns how many files are shown, without marks.
func (s *Shown) files() (count int) {
	for _, c := range s.Copies {
		if !IsMark(c.As) {
			count++
		}
	}
	return count
}

// inOrder returns the files that readers want, in order.
func inOrder(kept []File) []File {
	outdated := outdatedIn(kept)
	files := slices.DeleteFunc(slices.Clone(kept), func(f File) bool { return !IsFile(f.Name) || outdated[f.Name] })
	slices.SortFunc(files, func(a, b File) int { return Compare(a.Name, b.Name) })
	return files
}

// outdatedIn returns the files that are kept of a log that was not finished, and under the name of a finished one as
// well. A log has one mark, and is shown once. Of a log in one file that has two names the longer one counts: its node
// may have been lost before it had brought all of it under the second one.
func outdatedIn(kept []File) map[string]bool {
	sizes := map[string]int64{}
	for _, file := range kept {
		sizes[file.Name] = file.Size
	}
	outdated := map[string]bool{}
	for _, file := range kept {
		before := Unfinished(file.Name)
		size, there := sizes[before]
		switch {
		case !there:
		case size <= file.Size || IsMark(file.Name):
			outdated[before] = true
		default:
			outdated[file.Name] = true
		}
	}
	return outdated
}

// add has a file shown.
func (s *Shown) add(file File, as string) {
	s.Copies = append(s.Copies, Copy{file, as})
	s.Bytes += file.Size
}

// addLog has a log shown, whose parts are in order.
func (s *Shown) addLog(parts []File, within Bounds) error {
	parts = sinceCompacted(parts)
	whole := len(unbroken(parts)) == len(parts) && begins(parts[0])
	if !whole || len(newest(parts, within)) < len(parts) {
		return s.addNewest(parts, within)
	}
	for _, part := range parts {
		s.add(part, part.Name)
	}
	return nil
}

// addNewest has the first part of a log shown, and the newest ones. Spark reads no log that lacks a part in the middle,
// but takes a compacted one for all before it: so the first is shown as one. One that takes more than half of the room,
// or leaves none for the newest, is left out.
func (s *Shown) addNewest(parts []File, within Bounds) error {
	first := parts[0]
	last := parts[len(parts)-1]
	if last.Size > within.Bytes {
		return errs.New(errs.TooLarge, "cannot show the history: the newest file of its event log has %d bytes, and at most "+
			"%d are shown of a log; make spark.eventLog.rolling.maxFileSize smaller", last.Size, within.Bytes)
	}
	rest := parts
	if begins(first) {
		rest = parts[1:]
	}
	within.Files-- // its place
	shown := begins(first) && first.Size <= within.Bytes/2 && first.Size+last.Size <= within.Bytes
	if shown {
		within.Bytes -= first.Size
	}
	tail := newest(unbroken(rest), within)
	before := indexOf(tail[0]) - 1
	if shown {
		s.add(first, compactedAs(first.Name, before))
	} else {
		s.Headless = append(s.Headless, plainAs(tail[0].Name, before))
	}
	for _, part := range tail {
		s.add(part, part.Name)
	}
	s.cut = true
	s.newest += len(tail)
	return nil
}

// begins says whether a part is the first that Spark wrote, or stands for it: it says which application wrote the log.
func begins(part File) bool { return indexOf(part) == 1 || isCompacted(part) }

// sinceCompacted returns the parts that Spark reads: none before the last one that stands for them.
func sinceCompacted(parts []File) []File {
	for i := len(parts) - 1; i > 0; i-- {
		if isCompacted(parts[i]) {
			return parts[i:]
		}
	}
	return parts
}

// unbroken returns the newest parts, as far back as none is missing.
func unbroken(parts []File) []File {
	for i := len(parts) - 1; i > 0; i-- {
		if indexOf(parts[i-1])+1 != indexOf(parts[i]) {
			return parts[i:]
		}
	}
	return parts
}

// newest returns the newest parts, as many as are within bounds.
func newest(parts []File, within Bounds) []File {
	for i := len(parts) - 1; i >= 0; i-- {
		within.Files--
		within.Bytes -= parts[i].Size
		if within.Files < 0 || within.Bytes < 0 {
			return parts[i+1:]
		}
	}
	return parts
}

// Note says what is not shown, to people; empty: nothing.
func (s Shown) Note() string {
	if !s.cut {
		return ""
	}
	which := fmt.Sprintf("the first file and the newest %d", s.newest)
	missing := "between them"
	switch {
	case !s.single:
		which = fmt.Sprintf("%d of these, of each log that is too large, or lacks files, the first and the newest", s.files())
		missing = "before and between them"
	case len(s.Headless) > 0:
		which = fmt.Sprintf("the newest %d files", s.newest)
		missing = "before them"
	}
	return fmt.Sprintf("This history is not whole. %s are kept of its event log, in %d files; shown are %s, with %s. "+
		"What happened %s is missing here.", gib(s.kept), s.keptFiles, which, gib(s.Bytes), missing)
}

// gib says an amount to people.
func gib(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}
