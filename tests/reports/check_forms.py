#!/usr/bin/env python3
"""check_forms.py LABRUN SCORE: `labrun report` in every form, on a terminal and not."""
import copy
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import unicodedata

import attempt


def expect(ok, text):
    if not ok:
        sys.exit("FAIL: " + text)


class Report:
    def __init__(self, labrun, state):
        self.argv = [labrun, "--state-dir", state, "report"]
        self.env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TAP_VERSION")}
        self.env.update(LC_ALL="C.UTF-8", TERM="xterm")

    def run(self, *args, status=0, **env):
        done = subprocess.run([*self.argv, *args], capture_output=True, text=True,
                              env={**self.env, **env}, check=False)
        expect(done.returncode == status, "%s: %s" % (args, done))
        return done.stdout

    def on_terminal(self, *args, columns=80, **env):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen([*self.argv, *args], stdout=theirs, env={**self.env, **env}) as p:
            os.close(theirs)
            text = b""
            while True:
                try:
                    data = os.read(ours, 65536)
                except OSError:
                    break
                if not data:
                    break
                text += data
        os.close(ours)
        expect(p.returncode == 0, "%s ended with %d" % (args, p.returncode))
        return text.decode().replace("\r\n", "\n")


def columns(line):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


def check_text(report, lab):
    piped = report.run(lab)
    expect("\x1b" not in piped, "colours where there is no terminal")
    expect("Größe 文字列" in piped, "a text is not there")
    plain = report.on_terminal(lab, NO_COLOR="1")
    expect("\x1b" not in plain, "colours in spite of NO_COLOR")
    expect(report.on_terminal("--no-color", lab) == plain, "--no-color is not NO_COLOR")
    for width in (80, 100):
        for line in report.on_terminal(lab, columns=width, NO_COLOR="1").splitlines():
            expect(columns(line) <= width or "asciinema" in line,
                   "%d columns of %d: %s" % (columns(line), width, line))
    coloured = report.on_terminal(lab)
    expect("\x1b[31mfail" in coloured and "\x1b[32mpass" in coloured, "no colours: %r" % coloured)
    expect("guard is broken" in piped and "recordings/r.cast" in piped, piped)


def check_files(report, lab, work):
    names = {form: os.path.join(work, "out." + form) for form in ("json", "junit", "html", "text")}
    args = [word for form, name in names.items() for word in ("--" + form, name)]
    table = report.run(lab, *args)
    expect(table == report.run(lab), "files change what is printed")
    for form, name in names.items():
        with open(name, encoding="utf-8") as f:
            content = f.read()
        expect(content == report.run(lab, "--" + form, "-"), "--%s - is not --%s FILE" % (form, form))
        expect(os.stat(name).st_mode & 0o777 == 0o644, "mode of %s" % name)
    expect(json.loads(report.run(lab, "-o", "json")) == json.loads(report.run(lab, "--json", "-")),
           "-o json is not --json -")
    report.run(lab, "--html", os.path.join(work, "no/such/folder"), status=4)


def check_tap(report, lab):
    expect(report.run(lab, "--tap").startswith("TAP version 14\n"), "not version 14")
    expect(report.run(lab, "--tap", TAP_VERSION="13").startswith("TAP version 13\n"), "not 13")
    done = subprocess.run(["prove", "--exec", " ".join(report.argv + ["--tap"]), lab],
                          capture_output=True, text=True, env=report.env, check=False)
    expect(done.returncode == 1 and "Failed tests:  2, 4-5" in done.stdout and
           "Parse errors" not in done.stdout, "prove: %s" % done.stdout)


def check_grades(report, lab):
    first = json.loads(report.run(lab, "--grade", "1", "--json", "-"))
    last = json.loads(report.run(lab, "--json", "-"))
    expect((first["percent"], last["percent"]) == (11, 30), "the grades are not told apart")
    expect(first["events"] == last["events"], "the time line of an old grade is not up to date")
    report.run(lab, "--grade", "3", status=2)
    report.run(lab, "--grade", "0", status=64)


def main():
    labrun, score_file = sys.argv[1:]
    with open(score_file, encoding="utf-8") as f:
        score = json.load(f)
    score["checks"][1]["title"] = "Größe 文字列 " * 12
    score["checks"][1]["evidence"]["seen"] = "文字列 " * 40 + "\n\n" + "e\u0301" * 200
    earlier = copy.deepcopy(score)
    earlier["percent"] = 11
    with tempfile.TemporaryDirectory(prefix="labrun-forms-") as work:
        attempt.make(work, "x", [earlier, score], [
            (0, "ready", None), (10, "terminal", {"node": "box", "recording": "recordings/r.cast"}),
            (20, "grade", {"percent": 11}), (30, "grade", {"percent": 30})])
        report = Report(labrun, work)
        check_text(report, "x")
        check_files(report, "x", work)
        check_tap(report, "x")
        check_grades(report, "x")


main()
