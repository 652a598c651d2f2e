// Package atomicfile makes files that appear whole: whoever opens one by its name finds all of its content, old or new,
// and never a part.
//
// The content is written to a file beside it, whose name says that it is not finished. When all of it is there, that
// file takes the name. If anything fails on the way, such as a full disk, the new content is removed and what had the
// name still has it. If the process dies on the way, the unfinished file stays; whoever owns the directory removes such
// files with RemoveUnfinished before it begins.
//
//	atomicfile.go   files of any content
//	json.go         files of one value
//
// Write opens files with the rights of this process, and follows the links in a path's folders. So it is for
// directories that only Headrace changes. Package storage writes where users may put links, and with their rights; it
// has its own way.
package atomicfile
