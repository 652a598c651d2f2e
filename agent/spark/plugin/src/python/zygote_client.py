"""Has the Python that waits run a script with this process's arguments, environment, directory and open files, and ends as it does.

Its arguments are the socket of zygote.py and what an interpreter would get. It imports as little as it can: its start is waited for.
"""

import _socket
import marshal
import os
import signal
import sys

connection = _socket.socket(_socket.AF_UNIX)
directory = os.getcwd()
folder, name = os.path.split(sys.argv[1])
os.chdir(folder)  # the whole path may be too long for a socket
connection.connect(name)
os.chdir(directory)
environment = {name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_WARM_")}
request = marshal.dumps({"arguments": sys.argv[2:], "environment": environment, "directory": directory})
files = b"".join(file.to_bytes(4, sys.byteorder) for file in (0, 1, 2))
connection.sendmsg([len(request).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, files)])
while request:
    request = request[connection.send(request):]


def number():
    """Returns what the other side says next."""
    said = b""
    while len(said) < 8:
        part = connection.recv(8 - len(said))
        if not part:
            sys.exit("the Python that waited has ended")
        said += part
    return int.from_bytes(said, "big")


child = number()
for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(sent, lambda which, _: os.kill(child, which))
status = number()
if os.WIFSIGNALED(status):
    signal.signal(os.WTERMSIG(status), signal.SIG_DFL) if os.WTERMSIG(status) != signal.SIGKILL else None
    os.kill(os.getpid(), os.WTERMSIG(status))
os._exit(os.WEXITSTATUS(status))
