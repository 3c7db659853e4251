#!/usr/bin/env python3
"""recording.py LABRUN LAB NODE: a candidate's terminal, as its recording tells of it.

Types in a real terminal of `labrun ssh`, with a character that comes in two halves and a change of
the window's size; then the file must be an asciicast of version 2 to the letter, tell what was seen,
be named by `labrun report`, and be shown by asciinema itself. asciinema must be installed."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 120  # seconds for any one thing


def fail(text):
    sys.exit("FAIL: " + text)


class Terminal:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, argv, columns=80, rows=24):
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.environ["TERM"] = "xterm"
            os.execv(argv[0], argv)

    def read(self, deadline):
        """Some more output; False at its end."""
        if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            os.kill(self.pid, signal.SIGKILL)
            fail("nothing more came after: %r" % self.seen[-500:])
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def wait_for(self, pattern):
        deadline = time.monotonic() + LIMIT
        while not re.search(pattern, self.seen):
            if not self.read(deadline):
                fail("no %r in %r" % (pattern, self.seen))

    def type(self, text):
        os.write(self.fd, text.encode())

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self):
        deadline = time.monotonic() + LIMIT
        while self.read(deadline):
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


def record(labrun, lab, node):
    t = Terminal([labrun, "ssh", lab, node])
    t.wait_for(rb"[#$] $")
    # The two halves of one character, in two writes that a reader sees apart.
    t.type("printf 'gr\\303'; sleep 0.5; printf '\\274n\\n'\r")
    t.wait_for("grün".encode())
    t.resize(101, 31)
    t.type("stty size; echo $((40 + 2))nd\r")
    t.wait_for(rb"31 101")
    t.wait_for(rb"42nd")
    t.type("exit 3\r")
    status = t.end()
    if status != 3:
        fail("the terminal ended with %d" % status)


def read_asciicast(path):
    """Header and events of a file that is asciicast version 2 in every point of its description."""
    with open(path, "rb") as f:
        lines = f.read().decode("utf-8", errors="strict").split("\n")
    if lines.pop() != "":
        fail("the last line is torn")
    header = json.loads(lines[0])
    types = {"version": int, "width": int, "height": int, "timestamp": int, "duration": float,
             "idle_time_limit": float, "command": str, "title": str, "env": dict, "theme": dict}
    for key, value in header.items():
        if key not in types or not isinstance(value, types[key]):
            fail("header: '%s' is %r" % (key, value))
    if header["version"] != 2 or header["width"] < 1 or header["height"] < 1:
        fail("header: %r" % header)
    if abs(header["timestamp"] - time.time()) > 3600:
        fail("header: the time is %r" % header["timestamp"])
    events, last = [], 0.0
    for line in lines[1:]:
        event = json.loads(line)
        if not isinstance(event, list) or len(event) != 3:
            fail("not an event: %s" % line)
        at, kind, data = event
        if not isinstance(at, float) or at < last or kind not in "oimr" or len(kind) != 1 or \
                not isinstance(data, str):
            fail("not an event: %s" % line)
        data.encode("utf-8")  # no half of a character, also not as \\ud800
        if kind == "r" and not re.fullmatch(r"[1-9]\d*x[1-9]\d*", data):
            fail("not a size: %s" % data)
        last = at
        events.append((at, kind, data))
    return header, events


def check_file(path, node):
    header, events = read_asciicast(path)
    if (header["width"], header["height"]) != (80, 24) or not header["title"].startswith(node):
        fail("header: %r" % header)
    output = "".join(data for _, kind, data in events if kind == "o")
    for text in ("grün", "31 101", "42nd"):
        if text not in output:
            fail("'%s' is not in the recording" % text)
    if "\ufffd" in output:
        fail("a character was broken")
    sizes = [data for _, kind, data in events if kind == "r"]
    if not sizes or sizes[-1] != "101x31" or any(s != "80x24" for s in sizes[:-1]):
        fail("sizes: %r" % [e for e in events if e[1] == "r"])
    if any(kind == "i" for _, kind, _ in events):
        fail("what was typed was recorded; it may have been a password")
    if os.stat(path).st_mode & 0o077:
        fail("others may read the recording")


def check_played(path):
    player = shutil.which("asciinema")
    if not player:
        fail("asciinema is not installed")
    for argv in ([player, "cat", path], [player, "play", "-i", "0.05", path]):
        t = Terminal(argv, 120, 40)
        if t.end() != 0:
            fail("%s: %r" % (argv[1], t.seen))
        for text in ("grün", "31 101", "42nd"):
            if text.encode() not in t.seen:
                fail("%s does not show '%s': %r" % (argv[1], text, t.seen))


def main():
    labrun, lab, node = sys.argv[1:]
    record(labrun, lab, node)
    subprocess.run([labrun, "grade", lab, "-q"], stdout=subprocess.DEVNULL, check=False)
    report = json.loads(subprocess.run([labrun, "report", lab, "--json", "-"], capture_output=True,
                                       check=True).stdout)
    file = report["recordings"][-1]["file"]
    table = subprocess.run([labrun, "report", lab], capture_output=True, check=True).stdout.decode()
    folder = re.search(r"\(`asciinema play FILE`\), in (.*):\n", table)
    if not folder or file not in table:
        fail("the report does not name '%s': %s" % (file, table))
    path = os.path.join(folder.group(1), file)
    check_file(path, node)
    check_played(path)


main()
