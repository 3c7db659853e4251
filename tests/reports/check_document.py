#!/usr/bin/env python3
"""check_document.py SCHEMA FILE: is the document as the schema says, and is the schema strict?

Strict: a document with an unknown member, or without any one of its members, is refused."""
import copy
import json
import sys

import jsonschema


def members(doc, path=()):
    """Paths of all members of objects, at any depth."""
    if isinstance(doc, dict):
        for key, value in doc.items():
            yield path + (key,)
            yield from members(value, path + (key,))
    elif isinstance(doc, list):
        for i, value in enumerate(doc):
            yield from members(value, path + (i,))


def at(doc, path):
    for step in path:
        doc = doc[step]
    return doc


def main():
    with open(sys.argv[1]) as f:
        schema = json.load(f)
    with open(sys.argv[2]) as f:
        doc = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = ["%s: %s" % (list(e.path), e.message) for e in validator.iter_errors(doc)]
    for path in members(doc):
        if path[0] == "skills" and len(path) == 2:
            continue  # names of skills are free
        if path[:2] == ("draw", "parameters") and len(path) == 3:
            continue  # and so are those of parameters
        changed = copy.deepcopy(doc)
        del at(changed, path[:-1])[path[-1]]
        if validator.is_valid(changed) and path != ("draw",):  # scenarios without parameters
            problems.append("%s may be missing" % list(path))
        changed = copy.deepcopy(doc)
        at(changed, path[:-1])[path[-1] + "-unknown"] = 1
        if validator.is_valid(changed):
            problems.append("%s may have a neighbour that nobody knows" % list(path))
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main())
