#!/usr/bin/python3
"""Do the services here verify the certificates of those whom they ask? By their files, by the files that
their processes were told of, and by their processes' environment, which counts as a file does
(oslo.config: OS_GROUP__OPTION)."""
import glob
import os
import re
import sys

SERVICES = ("keystone", "glance", "placement", "nova", "neutron", "cinder")
TRUE = re.compile(r"\s*[\"']?(true|1|on|yes)[\"']?\s*$", re.IGNORECASE)
OPTION = re.compile(r"\s*(\w+)\s*[=:](.*)$")
VARIABLE = re.compile(r"OS_\w+?__(\w+)=(.*)", re.DOTALL)
LARGEST = 4 << 20


def unverified(option, value):
    return option.lower().endswith("insecure") and TRUE.match(value)


def without_tls(option, value):
    """Whom keystoneauth asks, and for what: without TLS there is no certificate."""
    return option.lower() in ("auth_url", "www_authenticate_uri", "endpoint_override") and re.match(
        r"\s*[\"']?http://", value, re.IGNORECASE)


def processes():
    for path in glob.glob("/proc/[0-9]*"):
        try:
            with open(path + "/cmdline", "rb") as f:
                words = f.read(LARGEST).decode("utf-8", "replace").split("\0")
            with open(path + "/environ", "rb") as f:
                environment = f.read(LARGEST).decode("utf-8", "replace").split("\0")
        except OSError:
            continue  # it has ended
        names = [name for name in SERVICES if any(name in word for word in words[:3])]
        if names:
            yield names, words, environment


def told_of(words):
    """The files and folders that a process was given as configuration."""
    for i, word in enumerate(words):
        option, _, value = word.partition("=")
        if option in ("--config-file", "--config-dir"):
            yield value or "".join(words[i + 1:i + 2])


def files(folders):
    found = set()
    for folder in folders:
        paths = [folder]
        for suffix in ("conf", "ini"):
            paths += glob.glob("%s/**/*.%s" % (folder, suffix), recursive=True)
        found.update(x for x in paths if os.path.isfile(x))
    return found


def findings(running, paths, used):
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f.read(LARGEST).splitlines():
                option = OPTION.match(line)
                if option and (unverified(*option.groups()) or
                               path in used and without_tls(*option.groups())):
                    yield "%s says '%s'" % (path, line.strip()[:80])
    for _, words, environment in running:
        for entry in environment:
            variable = VARIABLE.match(entry)
            if variable and (unverified(*variable.groups()) or without_tls(*variable.groups())):
                yield "'%s' runs with '%s'" % (" ".join(words)[:60].strip(), entry[:80])


running = list(processes())
# What packages bring for services that do not run here says http://localhost.
used = files(["/etc/" + name for names, _, _ in running for name in names] +
             [x for _, words, _ in running for x in told_of(words)])
paths = used | files("/etc/" + name for name in SERVICES)
for finding in findings(running, sorted(paths), used):
    print(finding)
    sys.exit(1)
print("%d files and %d processes, and none is told that certificates need not be verified" % (
    len(paths), len(running)))
