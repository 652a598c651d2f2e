package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// block is one fenced block of a page, with what the page says of it.
type block struct {
	page     string
	line     int // of its fence
	language string
	text     string
	skip     string   // why it is not run
	machines []string // where it is run; none: on the reader's own
	file     string   // where it is written to; empty: it is run
	until    string   // what it prints when the next block may begin; empty: it ends
	endless  []string // commands that are interrupted after a while
	first    []string // commands
	then     []string // commands
	words    []word
}

// word is what stands in a block for something that only the reader knows.
type word struct {
	name     string
	commands string
}

// walked says whether a block is run or written.
func (b block) walked() bool { return b.skip == "" && (b.language == "sh" || b.file != "") }

// String returns where the block stands, as errors and the output name it.
func (b block) String() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

var (
	fence     = regexp.MustCompile("^```(\\w*)")
	directive = regexp.MustCompile(`(?s)<!-- walk: (\w+)\s+(.*?)\s*-->`)
	begins    = regexp.MustCompile(`<!--\s*walk\b`) // of a directive, whatever comes then
)

// readPage returns the blocks of a page.
func readPage(path string) (blocks []block, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(text), "\n")
	begin := 0 // the line after the last block
	for i := 0; i < len(lines); i++ {
		opens := fence.FindStringSubmatch(lines[i])
		if opens == nil {
			continue
		}
		length := slices.IndexFunc(lines[i+1:], func(line string) bool { return strings.HasPrefix(line, "```") })
		if length < 0 {
			return nil, fmt.Errorf("%s:%d: the block does not end", path, i+1)
		}
		b := block{
			page:     path,
			line:     i + 1,
			language: opens[1],
			text:     strings.Join(lines[i+1:i+1+length], "\n") + "\n",
		}
		if err := b.noteAll(strings.Join(lines[begin:i], "\n")); err != nil {
			return nil, fmt.Errorf("%v: %w", b, err)
		}
		blocks = append(blocks, b)
		i += length + 1
		begin = i + 1
	}
	if rest := strings.Join(lines[min(begin, len(lines)):], "\n"); begins.MatchString(rest) {
		return nil, fmt.Errorf("%s: walk: there is no block below the last comment", path)
	}
	return blocks, nil
}

// noteAll keeps what the text before a block says of it.
func (b *block) noteAll(text string) error {
	all := directive.FindAllStringSubmatch(text, -1)
	if len(all) != len(begins.FindAllString(text, -1)) {
		return errors.New("walk: a comment before it is not <!-- walk: WORD TEXT -->")
	}
	for _, said := range all {
		if err := b.note(said[1], said[2]); err != nil {
			return err
		}
	}
	if len(all) > 0 && b.skip == "" && !b.walked() {
		return fmt.Errorf("walk: it is marked as %q, and only what is marked as sh is run", b.language)
	}
	return b.check()
}

// note keeps what the page says of a block.
func (b *block) note(kind, text string) error {
	if text == "" {
		return fmt.Errorf("walk: %s says nothing", kind)
	}
	switch kind {
	case "skip":
		return once(&b.skip, kind, text)
	case "on":
		b.machines = append(b.machines, strings.Fields(text)...)
	case "file":
		return once(&b.file, kind, text)
	case "until":
		return once(&b.until, kind, text)
	case "endless":
		b.endless = append(b.endless, text)
	case "first":
		b.first = append(b.first, text)
	case "then":
		b.then = append(b.then, text)
	case "word":
		name, commands, found := strings.Cut(text, "=")
		if !found {
			return fmt.Errorf("walk: word %q has no =", text)
		}
		b.words = append(b.words, word{name, commands})
	default:
		return fmt.Errorf("walk: there is no %q", kind)
	}
	return nil
}

// once keeps what can be said of a block only once.
func once(to *string, kind, text string) error {
	if *to != "" {
		return fmt.Errorf("walk: %s is said twice", kind)
	}
	*to = text
	return nil
}

// check holds that a block has what the page says of it.
func (b *block) check() error {
	for _, w := range b.words {
		if !w.pattern().MatchString(b.text) {
			return fmt.Errorf("walk: there is no word %q in it", w.name)
		}
	}
	for _, command := range b.endless {
		if !strings.Contains(b.text, command) {
			return fmt.Errorf("walk: there is no command %q in it", command)
		}
	}
	return nil
}

// pattern finds the word in a block.
func (w word) pattern() *regexp.Regexp {
	return regexp.MustCompile(`\b` + regexp.QuoteMeta(w.name) + `\b`)
}

// machinesOf returns the names of all machines of a page but the reader's own, each once.
func machinesOf(blocks []block) (names []string) {
	for _, b := range blocks {
		for _, name := range b.machines {
			if name != reader && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// script returns what bash runs for a block.
func (b block) script() string {
	text := b.text
	for _, w := range b.words {
		text = w.pattern().ReplaceAllLiteralString(text, `"$(`+w.commands+`)"`)
	}
	for _, command := range b.endless {
		text = strings.ReplaceAll(text, command, "endless "+command)
	}
	if b.file != "" {
		text = fmt.Sprintf("mkdir -p \"$(dirname %q)\"\ncat >%q <<'END-OF-FILE'\n%sEND-OF-FILE\n", b.file, b.file, text)
	}
	parts := append(append(b.first, text), b.then...)
	return strings.Join(parts, "\n")
}
