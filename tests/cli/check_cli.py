#!/usr/bin/env python3
"""Holds the program's face against what people and shells do with it; needs no libvirt.

bash LABRUN       completion in a bash that has sourced the script
zsh LABRUN        completion in an interactive zsh on a terminal, by the script on $fpath
man LABRUN PAGES  every verb has its page among PAGES (a folder), and groff has no complaint
program LABRUN    exit statuses, standard output and error of verbs that need no lab

Ends with 77 where the shell is not installed.
"""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

TESTS = pathlib.Path(__file__).resolve().parent.parent
failures = 0


def expect(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what, flush=True)


def environment(scratch):
    env = dict(os.environ, LC_ALL="C.UTF-8", LABRUN_STATE_DIR=f"{scratch}/state",
               LABRUN_SCENARIO_PATH=f"{scratch}/scenarios")
    env.pop("NO_COLOR", None)
    return env


def make_scratch(scratch):
    """Two scenarios, one with a name that a careless script would run; and two attempts."""
    for name in ("tiny", "$(touch pwned)"):
        shutil.copytree(TESTS / "scenarios/tiny", f"{scratch}/scenarios/{name}")
    for lab in ("alpha", "beta"):
        os.makedirs(f"{scratch}/state/attempts/{lab}-20261124T132512Z")
    pathlib.Path(scratch, "a file.txt").touch()


def verbs_of(labrun, env):
    done = subprocess.run([labrun, "__complete", "--", ""], env=env, text=True,
                          capture_output=True, check=True)
    return done.stdout.split()


# What is typed, word by word; what must be among the answers; what must not.
LINES = [
    ([""], ["start", "list", "doctor"], ["__man", "__complete"]),
    (["st"], ["start", "status", "stop"], ["list"]),
    (["start", ""], ["scenario/tiny"], ["list"]),
    (["start", "scenario/t"], ["scenario/tiny"], []),
    (["start", "--dr"], ["--driver"], ["--candidate"]),
    (["start", "--driver", ""], ["auto", "qemu", "lxc"], ["scenario/tiny"]),
    (["start", "-d", "l"], ["lxc"], ["auto"]),
    (["start", "--driver", "=", "q"], ["qemu"], ["auto"]),
    (["start", "--driver", "="], ["auto", "qemu", "lxc"], []),
    (["start", "--driver", "=", "lxc", ""], ["scenario/tiny"], ["lxc"]),
    (["start", "-d", "lxc", "--candidate", ""], [], ["scenario/tiny", "auto"]),
    (["check", "scenario/tiny", ""], ["scenario/tiny"], []),
    (["info", "scenario/tiny", ""], [], ["scenario/tiny"]),
    (["report", ""], ["alpha-20261124T132512Z", "beta-20261124T132512Z"], []),
    (["report", "al"], ["alpha-20261124T132512Z"], ["beta-20261124T132512Z"]),
    (["--state-dir", "/nowhere", "report", ""], [], ["alpha-20261124T132512Z"]),
    (["completion", ""], ["bash", "zsh"], []),
    (["help", "res"], ["results", "reset", "resume"], ["list"]),
    (["report", "--html", "a"], ["a file.txt"], []),
    (["ssh", "x", "y", "--", "l"], [], ["list", "ls"]),
    (["nonsense", ""], [], ["start"]),
]


def check_bash(labrun):
    script = r"""
source "$SCRIPT"
complete -p labrun >/dev/null || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
compopt() { :; } # only bash's own completion may call it
_labrun
printf '%s\n' "${COMPREPLY[@]}"
"""
    with tempfile.TemporaryDirectory() as scratch:
        make_scratch(scratch)
        env = environment(scratch)
        env["SCRIPT"] = f"{scratch}/completion"
        with open(env["SCRIPT"], "w") as f:
            subprocess.run([labrun, "completion", "bash"], env=env, stdout=f, check=True)
        expect(subprocess.run(["bash", "-n", env["SCRIPT"]]).returncode == 0, "bash -n")
        for words, wanted, unwanted in LINES:
            done = subprocess.run(["bash", "-c", script, "bash", labrun, *words], env=env,
                                  cwd=scratch, text=True, capture_output=True)
            found = done.stdout.splitlines()
            expect(done.returncode == 0 and not done.stderr, f"{words}: {done.stderr}")
            expect(all(w in found for w in wanted), f"{words}: {found} lacks some of {wanted}")
            expect(not any(w in found for w in unwanted), f"{words}: {found} has {unwanted}")
        expect(not os.path.exists(f"{scratch}/pwned"), "the name of a folder was run")


class Zsh:
    """An interactive zsh on a terminal of its own; ctrl-X shows what the line has become."""

    def __init__(self, scratch, env):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(scratch)
            os.execvpe("zsh", ["zsh", "-f", "-i"], dict(env, TERM="dumb"))
        self.seen = ""
        self.send("PS1='' PS2='' LISTMAX=1000; unsetopt zle_bracketed_paste 2>/dev/null\n"
                  f"fpath=({scratch}/functions $fpath); autoload -Uz compinit\n"
                  f"compinit -u -d {scratch}/dump; setopt no_list_beep no_beep\n"
                  "show() { BUFFER=\"print -r -- \\\"<${(q)BUFFER}>\\\"\"; zle accept-line }\n"
                  "zle -N show; bindkey '^X' show; print rea''dy\n")
        self.until("ready")

    def send(self, text):
        os.write(self.fd, text.encode())

    def until(self, text, limit=30):
        end = time.monotonic() + limit
        while text not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            self.seen += os.read(self.fd, 65536).decode(errors="replace")
        seen, self.seen = self.seen, ""
        return seen


def check_zsh(labrun):
    if not shutil.which("zsh"):
        sys.exit(77)
    lines = [
        ("labrun doc", "labrun doctor "),
        ("labrun start --driver l", "labrun start --driver lxc "),
        ("labrun start --driver=l", "labrun start --driver=lxc "),
        ("labrun start scenario/t", "labrun start scenario/tiny "),
        ("labrun report alp", "labrun report alpha-20261124T132512Z "),
        ("labrun completion z", "labrun completion zsh "),
        ("labrun report --html a", "labrun report --html a\\ file.txt "),
        ("labrun info --fu", "labrun info --full "),
    ]
    with tempfile.TemporaryDirectory() as scratch:
        make_scratch(scratch)
        env = environment(scratch)
        env["PATH"] = f"{os.path.dirname(labrun)}:{env['PATH']}"
        os.mkdir(f"{scratch}/functions")
        with open(f"{scratch}/functions/_labrun", "w") as f:
            subprocess.run([labrun, "completion", "zsh"], env=env, stdout=f, check=True)
        expect(subprocess.run(["zsh", "-n", f.name]).returncode == 0, "zsh -n")
        shell = Zsh(scratch, env)
        for typed, wanted in lines:
            shell.send(typed + "\t\x18")
            quoted = "".join("\\" + c if c in " \\" else c for c in wanted)
            try:
                shell.until(f"<{quoted}>", 15)
            except AssertionError as e:
                expect(False, f"{typed!r}: {e}")
        os.close(shell.fd)
        os.waitpid(shell.pid, 0)
        expect(not os.path.exists(f"{scratch}/pwned"), "the name of a folder was run")


def check_man(labrun, folder):
    if not shutil.which("groff"):
        sys.exit(77)
    with tempfile.TemporaryDirectory() as scratch:
        env = environment(scratch)
        pages = {"labrun.1"} | {f"labrun-{v}.1" for v in verbs_of(labrun, env)}
        built = {p.name for p in pathlib.Path(folder).glob("*.1")}
        expect(pages == built, f"pages that are missing or too many: {pages ^ built}")
        for page in sorted(built):
            path = pathlib.Path(folder, page)
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", path], text=True,
                                  capture_output=True)
            expect(done.returncode == 0 and not done.stderr, f"{page}: {done.stderr}")
            shown = subprocess.run(["man", "--warnings", "-l", path], text=True,
                                   capture_output=True, env=dict(env, MANWIDTH="80", MANPAGER="cat"))
            expect(shown.returncode == 0 and not shown.stderr, f"{page}: {shown.stderr}")
            for section in ("NAME", "SYNOPSIS", "EXIT STATUS"):
                expect(re.search(f"^{section}$", shown.stdout, re.M), f"{page} lacks {section}")


def run(labrun, env, *args):
    return subprocess.run([labrun, *args], env=env, text=True, capture_output=True)


def check_program(labrun):
    with tempfile.TemporaryDirectory() as scratch:
        make_scratch(scratch)
        env = environment(scratch)
        for verb in verbs_of(labrun, env):
            helped, asked = run(labrun, env, verb, "--help"), run(labrun, env, "help", verb)
            expect(helped.returncode == 0 and helped.stdout.startswith(f"Usage: labrun {verb}"),
                   f"{verb} --help: {helped}")
            expect(helped.stdout == asked.stdout, f"help {verb} differs from {verb} --help")
            wide = [line for line in helped.stdout.splitlines()
                    if len(line) > 80 and not line.startswith("    ")]
            expect(not wide, f"{verb} --help is wider than 80 columns: {wide}")
            expect(f"\n  {verb} " in run(labrun, env, "--help").stdout, f"--help lacks {verb}")

        version = run(labrun, env, "--version")
        expect(re.fullmatch(r"labrun \d+\.\d+\.\d+\n", version.stdout), str(version))
        expect(json.loads(run(labrun, env, "version", "--json").stdout)["version"]
               == version.stdout.split()[1], "version --json")

        for args, status, error in [
                ([], 64, ""),
                (["strat"], 64, "labrun: unknown command 'strat'\n        did you mean 'start'?\n"),
                (["list", "--jsno"], 64, "labrun: unknown option '--jsno'\n        did you mean '--json'?\n"),
                (["info"], 64, "labrun: missing SCENARIO\n        usage: labrun info [OPTION...] SCENARIO\n"),
                (["info", "scenario/tny"], 64, None),
                (["prove", "scenario/tiny", "--json", "--junit", "-"], 64,
                 "labrun: --json and `--junit -` both want standard output\n"),
                (["report", "nobody"], 64, None),
                (["--state-dir=", "results"], 64, None)]:
            done = run(labrun, env, *args)
            expect(done.returncode == status, f"{args}: {done}")
            expect(error is None or done.stderr == error, f"{args}: {done.stderr!r}")
        expect("tiny" in run(labrun, env, "info", "scenario/tny").stderr, "no suggestion")

        env["LABRUN_IMAGE_PATH"] = str(TESTS.parent / "images")
        sound = run(labrun, env, "check", "scenario/tiny")
        expect(sound.returncode == 0 and sound.stdout.endswith(": well formed\n"), str(sound))
        bad = pathlib.Path(scratch, "scenarios/bad")
        shutil.copytree(TESTS / "scenarios/tiny", bad)
        text = (bad / "scenario.yaml").read_text()
        (bad / "scenario.yaml").write_text(text.replace("title:", "titel:", 1)
                                           .replace("image: mini", "image: mimi") + "extra: 1\n")
        wrong = run(labrun, env, "check", "scenario/tiny", "scenario/bad")
        expect(wrong.returncode == 65, str(wrong))
        expect(len(re.findall(r"^/.*/bad/scenario\.yaml:\d+:\d+: .*$", wrong.stdout, re.M)) >= 3,
               f"not one line a mistake: {wrong.stdout!r}")
        expect("did you mean 'title'?" in wrong.stdout, wrong.stdout)
        expect("unknown image 'mimi': did you mean 'mini'?" in wrong.stdout, wrong.stdout)
        found = json.loads(run(labrun, env, "check", "--json", "scenario/bad").stdout)
        expect(not found[0]["sound"] and len(found[0]["problems"]) >= 3, str(found))

        info = run(labrun, env, "info", "scenario/tiny", "-o", "json")
        expect("faults" not in json.loads(info.stdout), "info shows the faults unasked")
        lan = json.loads(info.stdout)["topology"]["segments"]
        expect(lan == [{"name": "lan", "mtu": 1500}], f"topology: {lan}")
        drawn = run(labrun, env, "info", "scenario/tiny").stdout
        expect("lan, MTU 1500\n"
               "├── box    10.9.0.1/24  fd09::1/64\n"
               "└── judge  10.9.0.2/24  fd09::2/64  witness\n" in drawn, f"topology: {drawn}")
        info = run(labrun, env, "info", "scenario/tiny", "--full", "--json")
        expect(json.loads(info.stdout)["faults"], "info --full lacks the faults")

        full = subprocess.run([labrun, "results", "--json"], env=env, text=True,
                              stdout=open("/dev/full", "w"), stderr=subprocess.PIPE)
        expect(full.returncode == 4 and "No space left" in full.stderr, str(full))
        reader, writer = os.pipe()
        os.close(reader)
        gone = subprocess.run([labrun, "results"], env=env, text=True, stdout=writer,
                              stderr=subprocess.PIPE)
        expect(gone.returncode == 0 and not gone.stderr, f"closed pipe: {gone}")


if __name__ == "__main__":
    labrun_path = os.path.abspath(sys.argv[2])
    kinds = {"bash": check_bash, "zsh": check_zsh, "man": check_man, "program": check_program}
    kinds[sys.argv[1]](labrun_path, *sys.argv[3:])
    sys.exit(1 if failures else 0)
