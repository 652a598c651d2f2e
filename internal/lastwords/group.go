package lastwords

import (
	"regexp"
	"strings"
)

const groupBegins = "+ Exception Group " + tracebackBegins

var (
	// bars are what Python draws before the lines of an exception group, one for each group around them.
	bars = regexp.MustCompile(`^\s*(?:\|\s{0,3})*[|+](?:[-+]+(?: \d+ -+)?$| |$)`)
	// boundary is drawn between two exceptions of a group.
	boundary = regexp.MustCompile(`^\s*(?:\|\s*)*\+[-+]`)
)

// ungrouped returns a line of an exception group without its bars; a boundary is empty then.
func ungrouped(line string) (inner string, grouped bool) {
	drawn := bars.FindString(line)
	if drawn == "" || !isIndented(line) && !strings.HasPrefix(line, groupBegins) {
		return "", false
	}
	if boundary.MatchString(line) {
		return "", true
	}
	return line[len(drawn):], true
}

// nextOfGroup reads a line of an exception group.
func (r *reader) nextOfGroup(inner string) role {
	begins := strings.HasSuffix(inner, tracebackBegins)
	switch {
	case r.in == inRecord && !r.group && !begins: // what a logger draws
		return roleNoise
	case begins:
		r.beginTraceback(false)
		if !r.group {
			r.group = true
			r.said.Error = nil
			return roleFirst
		}
	case !r.group:
		r.in = inText
		r.say(inner)
	case inner == "":
		r.in = inFrames
	case r.in == inFrames && !isIndented(inner):
		return r.raisedInGroup(inner)
	}
	return roleWorth
}

// raisedInGroup reads the exception of a group, or one of those in it.
func (r *reader) raisedInGroup(line string) role {
	if last := r.said.Error; last != nil {
		last.Group = append(last.Group, line)
		r.in = inMessage
		return roleVital
	}
	r.except(line, &Error{Python: true})
	return roleVital
}
