package lastwords

import "strings"

// where is what a reader is in.
type where int

const (
	inText    where = iota // what the program wrote
	inFrames               // a traceback, before its exception
	inMessage              // after the line of an exception
	inRecord               // after the first line of a record of a log
	inGrave                // the same of a grave one
)

// reader goes through lines once. Later exceptions hide earlier ones: if a program goes on after an exception, it did
// not end by it.
type reader struct {
	said     Said
	in       where
	unlogged bool // no record counts, however grave

	recorded gravity // inRecord: of the record
	goesOn   bool    // inRecord: its first line says that more follows
	embedded bool    // inFrames: Spark tells of a traceback within a message
	ignored  bool    // inFrames: its exception ends nothing, or it is a part of a record
	ignore   bool    // the next traceback ends nothing
	cause    *Error  // the next traceback is raised from it; nil: from nothing
	group    bool    // inside of an exception group
}

// role is what a line is for whoever keeps only some.
type role int

const (
	roleNoise role = iota // not worth telling
	roleWorth             // worth telling
	roleVital             // without it the last exception is not known
	roleFirst             // the same, and what was vital before is not any more
)

// next reads a line without its end, and returns what it is for.
func (r *reader) next(line string) role {
	if inner, grouped := ungrouped(line); grouped {
		return r.nextOfGroup(inner)
	}
	r.group = false
	if g, begins := recordIn(line); begins {
		return r.record(line, g)
	}
	switch {
	case strings.TrimSpace(line) == "":
		return roleWorth
	case isNoise(line):
		return roleNoise
	case dumpedThread.MatchString(line):
		r.in = inRecord
		r.recorded = quiet
		r.goesOn = false
		return roleNoise
	case line == linkDirect, line == linkContext:
		return r.link(line)
	case strings.HasPrefix(line, "Exception ignored in: "):
		r.ignore = true
		return roleNoise
	case strings.HasSuffix(line, tracebackBegins):
		return r.traceback(line)
	case syntaxFrame.MatchString(line) && r.in != inFrames:
		r.beginTraceback(false)
		return roleFirst
	case isIndented(line):
		return r.indented(line)
	}
	return r.atMargin(line)
}

// record reads the first line of a record of a log. A traceback may begin in it.
func (r *reader) record(line string, g gravity) role {
	if r.unlogged {
		g = min(g, warning)
	}
	r.recorded = g
	r.goesOn = moreFollows.MatchString(line)
	if strings.HasSuffix(line, tracebackBegins) {
		r.beginTraceback(true)
	} else {
		r.in = inRecord
	}
	r.said.Logged = line
	switch {
	case telling.MatchString(line):
		return roleWorth
	case g != grave:
		return roleNoise
	}
	if r.in == inRecord {
		r.in = inGrave
	}
	r.said.Words = line
	r.said.Record = true
	return roleWorth
}

// beginTraceback begins one that Spark did not embed in a message.
func (r *reader) beginTraceback(ignored bool) {
	r.in = inFrames
	r.embedded = false
	r.ignored = ignored
}

// link reads what stands between two exceptions.
func (r *reader) link(line string) role {
	r.cause = nil
	if line == linkDirect {
		r.cause = r.said.Error
	}
	r.in = inText
	return roleVital
}

// traceback reads the beginning of one. Within an exception that Spark tells of a task, it is the task's.
func (r *reader) traceback(line string) role {
	last := r.said.Error
	cause, caused := causedBy(line)
	within := line != tracebackBegins && !strings.HasPrefix(line, "Exception in thread ")
	r.embedded = last != nil && r.in == inMessage && (within || remote.MatchString(last.Root()))
	r.ignored = r.ignore
	r.ignore = false
	r.in = inFrames
	switch {
	case r.ignored:
		return roleNoise
	case r.embedded:
		last.Remote = last.Remote || remote.MatchString(line) || remote.MatchString(last.Root())
		if caused {
			last.Chain = append(last.Chain, cause)
		}
		return roleVital
	case caused, within && exceptionLine.MatchString(line): // a Java program that tells of a task
		r.except(line, &Error{})
		r.in = inFrames
		r.embedded = true
		return roleFirst
	case r.cause != nil:
		return roleVital
	}
	return roleFirst
}

// indented reads a line that belongs to the one above it.
func (r *reader) indented(line string) role {
	switch {
	case r.in == inFrames && r.ignored, r.in == inRecord:
		return roleNoise
	case r.in == inText:
		r.say(strings.TrimSpace(line))
	}
	return roleWorth
}

// atMargin reads a line that begins in the first column.
func (r *reader) atMargin(line string) role {
	cause, caused := causedBy(line)
	switch {
	case r.in == inFrames:
		return r.raised(line)
	case r.in == inRecord && r.isContinued(line, caused):
		return roleNoise
	case caused:
		return r.caused(cause)
	case exceptionLine.MatchString(line):
		r.except(line, &Error{})
		return roleFirst
	case r.in == inGrave && r.said.Record:
		r.said.Words = join(r.said.Words, line)
		return roleWorth
	case r.in != inMessage:
		r.in = inText
	}
	r.say(line)
	return roleWorth
}

// isContinued says whether a line at the margin is still a part of a record that is not grave.
func (r *reader) isContinued(line string, caused bool) bool {
	return caused || r.goesOn || r.recorded == warning && qualifiedException.MatchString(line)
}

// raised reads the exception below the frames of a traceback.
func (r *reader) raised(line string) role {
	last := r.said.Error
	switch {
	case r.ignored:
		r.in = inRecord
		return roleNoise
	case r.embedded:
		last.Chain = []string{line}
		r.in = inMessage
		r.said.Words = ""
	default:
		r.except(line, &Error{Python: true})
	}
	return roleVital
}

// except makes an exception the last one.
func (r *reader) except(line string, e *Error) {
	e.Chain = []string{line}
	e.Remote = e.Remote || remote.MatchString(line)
	if r.cause != nil {
		e.Direct = true
		e.Chain = append(e.Chain, r.cause.Chain...)
		e.Remote = e.Remote || r.cause.Remote
		r.cause = nil
	}
	r.said.Error = e
	r.say("")
	r.in = inMessage
}

// caused reads what caused the last exception.
func (r *reader) caused(cause string) role {
	if r.said.Error == nil {
		r.except(cause, &Error{})
		return roleFirst
	}
	r.said.Error.Chain = append(r.said.Error.Chain, cause)
	r.said.Error.Remote = r.said.Error.Remote || remote.MatchString(cause)
	r.say("")
	r.in = inMessage
	return roleVital
}

// say makes a line the program's last words; empty: it has said nothing since.
func (r *reader) say(line string) {
	r.said.Words = line
	r.said.Record = false
}

// join puts two lines into one, when both may say why.
func join(first, last string) string {
	first, _, _ = strings.Cut(first, gap)
	return first + gap + last
}

// gap stands for what is left out.
const gap = " ... "
