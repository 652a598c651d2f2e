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
	if s.Bytes > within.Bytes || len(s.Copies) > within.Files {
		return Shown{}, errs.New(errs.TooLarge, "cannot show the history: %d files of its event log, with %s, "+
			"are no parts of a rolling one, and at most %d with %s are shown; leave spark.eventLog.rolling.enabled true",
			len(s.Copies), gib(s.Bytes), within.Files, gib(within.Bytes))
	}
	share := Bounds{
		Bytes: (within.Bytes - s.Bytes) / int64(max(len(folders), 1)),
		Files: (within.Files - len(s.Copies)) / max(len(folders), 1),
	}
	for _, folder := range folders {
		if err := s.addLog(logs[folder], share); err != nil {
			return Shown{}, err
		}
	}
	return s, nil
}

// inOrder returns the files that readers want, in order.
func inOrder(kept []File) []File {
	files := slices.DeleteFunc(slices.Clone(kept), func(f File) bool { return !IsFile(f.Name) })
	slices.SortFunc(files, func(a, b File) int { return Compare(a.Name, b.Name) })
	return files
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
// but takes a compacted one for all before it: so the first is shown as one. One that takes more than half of the room
// is left out.
func (s *Shown) addNewest(parts []File, within Bounds) error {
	first := parts[0]
	rest := parts
	if begins(first) {
		rest = parts[1:]
	}
	within.Files-- // its place
	shown := begins(first) && first.Size <= within.Bytes/2
	if shown {
		within.Bytes -= first.Size
	}
	tail := newest(unbroken(rest), within)
	if len(tail) == 0 {
		last := parts[len(parts)-1]
		return errs.New(errs.TooLarge, "cannot show the history: the newest file of its event log has %s, and at most "+
			"%s are shown; make spark.eventLog.rolling.maxFileSize smaller", gib(last.Size), gib(within.Bytes))
	}
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
	if len(s.Headless) > 0 {
		which = fmt.Sprintf("the newest %d files", s.newest)
		missing = "before them"
	}
	return fmt.Sprintf("This history is not whole. %s are kept of its event log, in %d files; shown are %s, with %s. "+
		"What happened %s is missing here.", gib(s.kept), s.keptFiles, which, gib(s.Bytes), missing)
}

// gib says an amount to people.
func gib(bytes int64) string {
	if bytes < 1<<30 {
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
}
