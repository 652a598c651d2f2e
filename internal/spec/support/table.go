package support

import "strings"

// Table returns the parts as a table of the documentation, in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| what | works since | until then | |\n|---|---|---|---|\n")
	for _, p := range Parts() {
		b.WriteString("| " + p.Name + ": `" + strings.Join(p.Members, "`, `") + "` | " + p.since() + " | ")
		b.WriteString(p.Answer.words() + " | " + p.Instead + " |\n")
	}
	return b.String()
}

func (p *Part) since() string {
	if p.Works() {
		return p.Since
	}
	return "not yet"
}

// words writes an answer for people.
func (a Answer) words() string {
	if a == Kept {
		return "kept and shown; details of the state and `explain` say so"
	}
	return "refused"
}
