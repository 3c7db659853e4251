#!/usr/bin/env python3
"""What docs/CONTRIBUTING.md asks of every file, as far as a program can tell.

style.py format ROOT      clang-format has nothing to say about any C file
style.py shellcheck ROOT  shellcheck has nothing to say about any shell script
style.py length ROOT      no source file passes 500 lines
style.py calls ROOT       library code neither prints nor exits, nobody uses a shell on the host

Ends with 77 where the tool is not installed.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

CAP = 500


def files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders
                            if f != ".git" and not (folder == str(root) and f.startswith("build")))
        for name in sorted(names):
            path = pathlib.Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path


def c_files(root):
    return [p for p in files(root) if p.suffix in (".c", ".h")]


def is_shell(path):
    if path.suffix == ".sh":
        return True
    with open(path, "rb") as f:
        return re.match(rb"#! ?(/usr)?/bin/(env )?(ba|da)?sh\b", f.read(64)) is not None


def tool(root, name, args, paths):
    if not shutil.which(name):
        sys.exit(77)
    if not paths:
        sys.exit("no files to judge")
    return subprocess.run([name, *args, *(p.resolve() for p in paths)], cwd=root).returncode


def check_format(root):
    return tool(root, "clang-format", ["--dry-run", "-Werror"], c_files(root))


def check_shellcheck(root):
    """What a file without "#!" sets is for the script that sources it (SC2034)."""
    scripts = [p for p in files(root) if is_shell(p)]
    sourced = [p for p in scripts if not p.read_bytes().startswith(b"#!")]
    status = tool(root, "shellcheck", ["--external-sources", "--source-path=SCRIPTDIR"],
                  [p for p in scripts if p not in sourced])
    if sourced:
        status |= tool(root, "shellcheck", ["--exclude=SC2034"], sourced)
    return status


def check_length(root):
    status = 0
    for path in files(root):
        if path.suffix in (".c", ".h", ".py") or is_shell(path):
            lines = path.read_bytes().count(b"\n")
            if lines > CAP:
                print(f"{path}: {lines} lines, {CAP} are the cap")
                status = 1
    return status


# What must not be called, where, and why. Comments and strings do not count.
RULES = [
    ({"harness", "graders"}, {"harness/cli"}, r"\b(printf|puts|putchar|perror|exit|err|errx)\s*\(",
     "library code neither prints nor exits"),
    ({"harness", "graders"}, set(), r"\b(system|popen|sprintf|strcat|alloca)\s*\(",
     "proc_run(), xasprintf() or a strbuf instead"),
    ({"harness", "graders"}, set(), r"\b(sleep|usleep|nanosleep)\s*\(",
     "wait for the event, by a deadline"),
    ({"harness", "graders"}, set(), r"\bgoto\b", "cleanup attributes instead"),
]
NOISE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|//[^\n]*', re.S)


def check_calls(root):
    status = 0
    for path in c_files(root):
        inside = path.relative_to(root)
        text = NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), path.read_text())
        for tops, exempt, pattern, why in RULES:
            if inside.parts[0] not in tops or any(inside.is_relative_to(e) for e in exempt):
                continue
            for found in re.finditer(pattern, text):
                line = text.count("\n", 0, found.start()) + 1
                print(f"{path}:{line}: {found[0].rstrip(' (')}: {why}")
                status = 1
    return status


if __name__ == "__main__":
    checks = {"format": check_format, "shellcheck": check_shellcheck, "length": check_length,
              "calls": check_calls}
    sys.exit(checks[sys.argv[1]](pathlib.Path(sys.argv[2])))
