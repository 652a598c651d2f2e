package spark

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/headrace/headrace/agent/release"
)

// withPySpark returns an environment in which Python finds PySpark.
func withPySpark(t *testing.T) []string {
	t.Helper()
	root, err := release.DefaultCache()
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Find([]string{root}, label)
	if err != nil {
		t.Skipf("needs Spark's Python: %v", err)
	}
	archives, err := filepath.Glob(filepath.Join(r.SparkHome, "python", "lib", "*.zip"))
	if err != nil || len(archives) < 1 {
		t.Skipf("there is no PySpark in %s (%v)", r.SparkHome, err)
	}
	path := strings.Join(append([]string{filepath.Join(r.SparkHome, "python")}, archives...), ":")
	return append(os.Environ(), "PYTHONPATH="+path, "PYTHONHASHSEED=0", "PYTHONUNBUFFERED=YES", "HEADRACE_WARM_TOKEN=x")
}

// zygote starts a Python that waits, and returns what a run's JVM would start as its interpreter, and the environment
// of both.
func zygote(t *testing.T) (client, environment []string) {
	t.Helper()
	environment = withPySpark(t)
	socket := filepath.Join(t.TempDir(), "s")
	process := exec.Command("python3", "plugin/src/python/zygote.py", socket)
	process.Env, process.Stderr = environment, os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = process.Wait() })
	if said, err := bufio.NewReader(out).ReadString('\n'); said != "ready\n" {
		t.Fatalf("the Python that waits said %q, %v", said, err)
	}
	own, err := filepath.Abs("plugin/src/python/zygote_client.py")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"python3", "-I", "-S", own, socket}, environment
}

// pythonRun is what a script does in an interpreter.
type pythonRun struct {
	out, err string
	ended    string
}

func runPython(t *testing.T, dir string, program, environment []string, arguments ...string) pythonRun {
	t.Helper()
	command := exec.Command(program[0], append(program[1:], arguments...)...)
	var out, said strings.Builder
	command.Env, command.Dir, command.Stdout, command.Stderr = environment, dir, &out, &said
	command.Stdin = strings.NewReader("typed\n")
	_ = command.Run()
	return pythonRun{out.String(), said.String(), command.ProcessState.String()}
}

// Scripts see, say and return in the Python that waited what they would in an ordinary one.
func TestZygote_RunsScriptsAsAnInterpreterDoes(t *testing.T) {
	for name, script := range map[string]string{
		"view": "import sys, os\n" +
			"print(sys.argv, sys.orig_argv[1:], sys.executable, sys.flags, __name__, __file__, __spec__, sorted(globals()))\n" +
			"print([p for p in sys.path], os.getcwd())\n" +
			"print({k: v for k, v in os.environ.items() if not k.startswith('HEADRACE_WARM')})\n" +
			"print(sys.stdin.read(), sys.stdout.write_through, sys.stdout.encoding, hash('a'))\n" +
			"print(sorted(os.listdir('/proc/self/fd'))[:4])\n" +
			"import beside; print(beside.WORD)",
		"exception":    "def f():\n    raise ValueError('no')\nf()",
		"syntax":       "x = = 1",
		"exit":         "import sys; sys.exit(7)",
		"exit message": "import sys; sys.exit('gone')",
		"at exit":      "import atexit; atexit.register(print, 'last'); print('first', end='')",
		"killed":       "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
		"terminated":   "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
		"pickle":       "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))))",
		"shadow":       "import py4j; print(py4j.__file__)",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "script.py"), script+"\n")
			write(t, filepath.Join(dir, "beside.py"), "WORD = 'found'\n")
			if name == "shadow" {
				write(t, filepath.Join(dir, "py4j.py"), "")
			}
			client, environment := zygote(t)
			got := runPython(t, dir, client, environment, "script.py", "one", "two words", "")
			want := runPython(t, dir, []string{"python3"}, environment, "script.py", "one", "two words", "")
			if got != want {
				t.Errorf("the Python that waited:\n%+v\nan ordinary one:\n%+v", got, want)
			}
		})
	}
}

// PySpark runs on Pythons that lack what waiting takes; their drivers start an interpreter as ever.
func TestZygote_SaysThatAnOldPythonCannotWait(t *testing.T) {
	for _, lacks := range []string{"socket.recv_fds", "os.pidfd_open"} {
		script := "import os, socket, runpy, sys; del " + lacks + "; sys.argv = ['zygote.py', '/no/such/socket']; " +
			"runpy.run_path('plugin/src/python/zygote.py')"
		command := exec.CommandContext(t.Context(), "python3", "-c", script)
		command.Env = withPySpark(t)
		if out, err := command.CombinedOutput(); err != nil || string(out) != "cannot\n" {
			t.Errorf("without %s it said %q (%v)", lacks, out, err)
		}
	}
}

// The end of the process that started it is the end of a Python that waits.
func TestZygote_EndsWithItsParent(t *testing.T) {
	zygote(t) // the cleanup closes its input and waits for its end
}

// What ends the client ends the script.
func TestZygote_PassesSignalsOn(t *testing.T) {
	client, environment := zygote(t)
	script := filepath.Join(t.TempDir(), "script.py")
	write(t, script, "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"+
		"print('up')\nsignal.pause()\n")
	command := exec.Command(client[0], append(client[1:], script)...)
	command.Env = environment
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if said, err := bufio.NewReader(out).ReadString('\n'); err != nil || said != "up\n" {
		t.Errorf("the script said %q, %v", said, err)
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	if _ = command.Wait(); command.ProcessState.ExitCode() != 9 {
		t.Errorf("the client ended with %v, the script with exit status 9", command.ProcessState)
	}
}
