package lastwords

import (
	"fmt"
	"strings"
	"testing"
)

// summary writes what was found in one line.
func summary(s Said) string {
	var text string
	if s.Error != nil {
		text = strings.Join(s.Error.Chain, " < ")
		if len(s.Error.Group) > 0 {
			text += fmt.Sprint(" ", s.Error.Group)
		}
		for name, is := range map[string]bool{" python": s.Error.Python && !s.Error.Remote, " remote": s.Error.Remote} {
			if is {
				text += name
			}
		}
	}
	if s.Words != "" {
		text += " | " + s.Words
	}
	return text
}

func TestA1_ReadFindsWhyAProgramEnded(t *testing.T) {
	const task = "py4j.protocol.Py4JJavaError: An error occurred while calling o5.count.\n" +
		": org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.3 in stage 0.0 (TID 3) " +
		"(10.0.0.7 executor 1): org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n" +
		"  File \"worker.py\", line 1, in main\nZeroDivisionError: division by zero\n\n" +
		"\tat org.apache.spark.X.y(Z.scala:5)\n" +
		"\nDriver stacktrace:\n\tat a.b(c:1)\nCaused by: org.apache.spark.api.python.PythonException: " +
		"Traceback (most recent call last):\n  File \"worker.py\", line 1, in main\n" +
		"ZeroDivisionError: division by zero\n\n\t... 1 more\n"
	for name, c := range map[string]struct{ text, want string }{
		"syntax error": {
			"  File \"/w/job.py\", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n",
			"SyntaxError: invalid syntax python",
		},
		"indentation": {
			"hello\n  File \"/w/job.py\", line 2\n    print()\n    ^\nIndentationError: expected an indented block\n",
			"IndentationError: expected an indented block python",
		},
		"usage": {
			"usage: a.py [-h] --date DATE\n            [--more]\na.py: error: no --date\n",
			" | a.py: error: no --date",
		},
		"text": {"26/11/29 17:28:16 INFO X: begun\nthe input is empty\n", " | the input is empty"},
		"interpreter": {
			"python3: can't open file 'x.py': [Errno 2] No such file\n",
			" | python3: can't open file 'x.py': [Errno 2] No such file",
		},
		"group": {
			"  + Exception Group Traceback (most recent call last):\n" +
				"  |   File \"g.py\", line 9, in <module>\n  |     raise E\n" +
				"  | ExceptionGroup: several (2 sub-exceptions)\n" +
				"  +-+---------------- 1 ----------------\n" +
				"    | Traceback (most recent call last):\n    |   File \"g.py\", line 6, in f\n" +
				"    | ModuleNotFoundError: No module named 'n'\n" +
				"    +---------------- 2 ----------------\n" +
				"    | ValueError: b\n    +------------------------------------\n",
			"ExceptionGroup: several (2 sub-exceptions) [ModuleNotFoundError: No module named 'n' ValueError: b] python",
		},
		"raised from": {
			"Traceback (most recent call last):\n  File \"a\"\nKeyError: 'k'\n\n" + linkDirect + "\n\n" +
				"Traceback (most recent call last):\n  File \"a\"\nRuntimeError: no plugin\n",
			"RuntimeError: no plugin < KeyError: 'k' python",
		},
		"raised while handled": {
			"Traceback (most recent call last):\n  File \"a\"\nKeyError: 'k'\n\n" + linkContext + "\n\n" +
				"Traceback (most recent call last):\n  File \"a\"\nRuntimeError: no plugin\n",
			"RuntimeError: no plugin python",
		},
		"words after": {
			"Traceback (most recent call last):\n  File \"a\"\nKeyError: 'k'\ngiving up\n",
			"KeyError: 'k' python | giving up",
		},
		"ignored": {
			"bye\nException ignored in: <function f>\nTraceback (most recent call last):\n  File \"a\"\nKeyError: 'k'\n",
			" | bye",
		},
		"task": {
			"Traceback (most recent call last):\n  File \"a\"\n" + task,
			"ZeroDivisionError: division by zero remote",
		},
		"task of Java": {
			`Exception in thread "main" ` + task[strings.Index(task, "org.apache"):],
			"ZeroDivisionError: division by zero remote",
		},
		"captured": {
			"Traceback (most recent call last):\n  File \"a\"\n" +
				"pyspark.errors.exceptions.captured.PythonException: \n" +
				"  An exception was thrown from the Python worker.\n" +
				"Traceback (most recent call last):\n  File \"b\"\nMemoryError\n",
			"MemoryError remote",
		},
		"lost worker": {
			"py4j.protocol.Py4JJavaError: An error occurred\n: org.apache.spark.SparkException: stage failure: x\n" +
				"Caused by: org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)\n" +
				"Caused by: java.io.EOFException\n",
			"py4j.protocol.Py4JJavaError: An error occurred < org.apache.spark.SparkException: stage failure: x < " +
				"org.apache.spark.SparkException: Python worker exited unexpectedly (crashed) < java.io.EOFException remote",
		},
		"warning with a task": {
			"done\n26/11/29 17:28:16 WARN TaskSetManager: Lost task: org.X: Traceback (most recent call last):\n" +
				"  File \"w\"\nKeyError: 'k'\n\n\tat a.b(c)\n" +
				"Caused by: java.io.IOException: x\n26/11/29 17:28:17 INFO S: bye\n",
			" | done",
		},
		"warning with an exception": {
			"26/11/29 17:28:16 WARN Main: again\njava.io.IOException: x\n\tat a.b(c)\n",
			"",
		},
		"error with an exception": {
			"26/11/29 17:28:16 ERROR Main: no\njava.io.IOException: x\n\tat a.b(c)\n",
			"java.io.IOException: x",
		},
		"settings in a log": {
			"row 1\n2026-11-29 17:28:16,001 INFO job settings:\na=1\nb=2\n2026-11-29 17:28:17 INFO x\n",
			" | row 1",
		},
		"indented in a log":      {"row 1\nINFO:job:plan\n  a\n  b\n", " | row 1"},
		"error of several lines": {"ERROR:job:bad rows\nrow 3\n", " | ERROR:job:bad rows ... row 3"},
		"progress":               {"\r[Stage 0:>   (0 + 1) / 2]\r                         \rno rows\n", " | no rows"},
		"a crash of the JVM": {
			"#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n" +
				"#  SIGSEGV (0xb) at pc=0x1\n#\n# JRE version: 17\n",
			" | #  SIGSEGV (0xb) at pc=0x1",
		},
		"a crash of Python": {
			"Fatal Python error: Segmentation fault\n\n" +
				"Current thread 0x00007 (most recent call first):\n  File \"a\", line 3 in f\n",
			" | Fatal Python error: Segmentation fault",
		},
	} {
		if got := summary(Read(c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if excerpt := Excerpt(c.text, 2<<10); summary(Read(excerpt)) != c.want {
			t.Errorf("%s: the excerpt %q gives %q, want %q", name, excerpt, summary(Read(excerpt)), c.want)
		}
	}
}

func TestA1_ExcerptKeepsTheClassOfALongException(t *testing.T) {
	rows := strings.Repeat("row is bad "+strings.Repeat("x", 80)+"\n", 300)
	for name, c := range map[string]struct{ text, want string }{
		"many lines": {
			"Traceback (most recent call last):\n  File \"a\"\n__main__.TooBig: begin\n" + rows,
			"__main__.TooBig: begin",
		},
		"one line": {
			"Traceback (most recent call last):\n  File \"a\"\nTooBig: " + strings.Repeat("é", 9000) + "\n",
			"TooBig: éé",
		},
		"the cause": {
			"Traceback (most recent call last):\n  File \"a\"\nKeyError: 'k'\n" + rows + linkDirect + "\n\n" +
				"Traceback (most recent call last):\n  File \"a\"\nTooBig: begin\n" + rows,
			"TooBig: begin < KeyError: 'k'",
		},
	} {
		excerpt := Excerpt(c.text, 2<<10)
		got := summary(Read(excerpt))
		if len(excerpt) > 2<<10 || !strings.HasPrefix(got, c.want) || !Read(excerpt).Error.Python {
			t.Errorf("%s: %d bytes give %q: %q", name, len(excerpt), got, excerpt)
		}
	}
}

func TestUnlogged_LeavesOutGraveRecords(t *testing.T) {
	text := "26/11/29 17:28:16 ERROR Main: no\njava.io.IOException: x\n\tat a.b(c)\n"
	if got := Unlogged(text, 2<<10); got != "" {
		t.Errorf("it gives %q", got)
	}
	const own = "Exception in thread \"x\" java.lang.Error: y\n"
	if got := Unlogged(own+text, 2<<10); got != own {
		t.Errorf("it gives %q", got)
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("Traceback (most recent call last):\n  + Exception Group Traceback (most recent call last):\nX: é\r\n", 100)
	f.Add(strings.Repeat("\x80", 2*maxLine), 100) // no character begins in it
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = max(2<<10, most%(4<<10))
		if got := Excerpt(text, most); len(got) > most+maxKept*maxVital {
			t.Errorf("an excerpt of %d bytes, at most %d", len(got), most)
		}
		Read(text)
	})
}
