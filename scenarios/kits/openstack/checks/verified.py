#!/usr/bin/python3
"""Do the services here verify the certificates of those whom they ask?"""
import glob
import re
import sys

OFF = re.compile(r"\s*(\w*insecure)\s*[=:]\s*[\"']?(true|1|on|yes)[\"']?\s*$", re.IGNORECASE)
seen = 0
for service in ("keystone", "glance", "placement", "nova", "neutron", "cinder"):
    for path in glob.glob("/etc/%s/**/*.conf" % service, recursive=True) + glob.glob(
            "/etc/%s/**/*.ini" % service, recursive=True):
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f:
                if OFF.match(line):
                    print("%s says '%s'" % (path, line.strip()[:80]))
                    sys.exit(1)
        seen += 1
print("%d files, and none says that certificates need not be verified" % seen)
