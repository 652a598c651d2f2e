"""Waits, with PySpark imported, for one script, and runs it in a process of its own as an interpreter would.

Its argument is the socket on which zygote_client.py calls. It says "ready" when it waits.
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

import pyspark.sql
import pyspark.sql.functions
import pyspark.sql.types
import py4j.java_gateway


def main(path):
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
    """Tells the client who the child is and how it ended. A child without a client ends."""
    client.sendall(child.to_bytes(8, "big"))
    ended = os.pidfd_open(child)
    readable, _, _ = select.select([ended, client], [], [])
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
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["directory"])
    script = request["arguments"][0]
    sys.argv = request["arguments"]
    sys.orig_argv = [sys.executable] + sys.argv
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:] = [os.path.dirname(os.path.realpath(script))] + given + [path for path in sys.path[1:] if path not in before]
    sys.path_importer_cache.clear()
    run(script)


def run(script):
    """Runs a file as the main module. What it raises looks as if this program was not there."""
    module = types.ModuleType("__main__")
    module.__file__, module.__builtins__, module.__cached__ = script, builtins, None
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
