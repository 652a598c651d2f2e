"""Waits, with PySpark imported, for one script, and runs it in a process of its own as an interpreter would.

Its argument is the socket on which zygote_client.py calls. It says "ready" when it waits, and ends when its input does, which is
the end of the JVM that started it; so does the script. A Python before 3.9 cannot wait: it says "cannot", and ends.
"""

import builtins
import importlib.machinery
import marshal
import os
import select
import signal
import socket
import sys
import time
import types
import zipimport

import pyspark.sql
import pyspark.sql.functions
import pyspark.sql.types
import py4j.java_gateway


def main(path):
    if not hasattr(socket, "recv_fds") or not hasattr(os, "pidfd_open"):
        print("cannot", flush=True)
        return
    folder, name = os.path.split(path)
    home = os.getcwd()
    listener = socket.socket(socket.AF_UNIX)
    os.chdir(folder)  # the whole path may be too long for a socket
    if os.path.exists(name):
        os.unlink(name)
    listener.bind(name)
    os.chdir(home)
    listener.listen(1)
    print("ready", flush=True)
    if listener not in select.select([listener, 0], [], [])[0]:
        return  # the JVM has gone
    client, _ = listener.accept()
    listener.close()
    request, files = hear(client)
    child = os.fork()
    if child:
        for file in files:
            os.close(file)
        watch(client, child)
    client.close()
    become(request, files)


def hear(client):
    """Returns what the client wants, and its open files."""
    head, files, _, _ = socket.recv_fds(client, 8, 3)
    size = int.from_bytes(head, "big")
    body = b""
    while len(body) < size:
        part = client.recv(size - len(body))
        if not part:
            raise EOFError("the client has gone")
        body += part
    return marshal.loads(body), files


def watch(client, child):
    """Tells the client who the child is and how it ended. A child without a client, or without a JVM, ends."""
    client.sendall(child.to_bytes(8, "big"))
    ended = os.pidfd_open(child)
    readable, _, _ = select.select([ended, client, 0], [], [])
    if ended not in readable:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    try:
        client.sendall(status.to_bytes(8, "big"))
    except OSError:
        pass  # the client has gone
    os._exit(0)


def become(request, files):
    """Runs the script of this process's life."""
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    environment = request["environment"]
    if settings(environment) != settings(os.environ):
        begin_anew(request)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(request["directory"])
    script = request["arguments"][0]
    sys.argv = request["arguments"]
    sys.orig_argv = [sys.executable] + sys.argv
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    own = [os.path.dirname(os.path.realpath(script))]
    if any(shadows(folder) for folder in own + given if folder not in before):
        begin_anew(request)
    sys.path[:] = own + given + [path for path in sys.path[1:] if path not in before]
    sys.path_importer_cache.clear()
    run(os.path.abspath(script))


def settings(environment):
    """Returns what an interpreter takes from its environment as it starts."""
    return {name: value for name, value in environment.items() if name.startswith("PYTHON") and name != "PYTHONPATH"}


def shadows(folder):
    """Says whether a folder or archive of modules has one that is imported already, from elsewhere."""
    try:
        names = os.listdir(folder) if os.path.isdir(folder) else zipimport.zipimporter(folder)._files
    except (OSError, zipimport.ZipImportError):
        return False
    imported = {name for name in sys.modules if "." not in name} - set(sys.builtin_module_names) - {"__main__"}
    return not imported.isdisjoint(name.split(os.sep)[0].split(".")[0] for name in names)


def begin_anew(request):
    """Becomes an interpreter that has imported nothing."""
    os.execve(sys.executable, [sys.executable] + request["arguments"], request["environment"])


def run(script):
    """Runs a file as the main module. What it raises looks as if this program was not there."""
    module = types.ModuleType("__main__")
    module.__file__, module.__builtins__, module.__cached__ = script, builtins, None
    module.__annotations__ = {}
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", script)
    sys.modules["__main__"] = module
    try:
        with open(script, "rb") as source:
            code = compile(source.read(), script, "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        trace = error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(130 if isinstance(error, KeyboardInterrupt) else 1)


main(sys.argv[1])
