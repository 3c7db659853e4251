#!/usr/bin/env python3
"""check_html.py FILE: is the page whole, alone, and readable by everybody?

Every element is closed in order; nothing is loaded from anywhere and no script can run; headings are
in order, header cells say what they head, pictures have a text; and every colour of text stands out
from its ground by 4.5 to 1, in a light room, in a dark one and on paper (WCAG 2, level AA)."""
import html.parser
import re
import sys

VOID = {"meta", "br"}
LOADS = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}
FORBIDDEN = {"script", "link", "iframe", "img", "object", "embed", "base", "form", "foreignobject"}


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.problems = []
        self.seen = []
        self.ids = set()
        self.used = set()
        self.level = 0
        self.style = ""
        self.policy = ""

    def problem(self, text):
        self.problems.append("%s: %s" % (self.getpos(), text))

    def check_loads(self, tag, attrs):
        if tag in FORBIDDEN:
            self.problem("<%s>" % tag)
        for name, value in attrs.items():
            if name.startswith("on") or name == "style":
                self.problem("<%s %s=…>" % (tag, name))
            if name in LOADS and not (tag == "use" and value.startswith("#")):
                self.problem("<%s %s=%s>" % (tag, name, value))
        if tag == "use":
            self.used.add(attrs.get("href", "")[1:])
        if attrs.get("http-equiv") == "Content-Security-Policy":
            self.policy = attrs["content"]

    def check_access(self, tag, attrs):
        if re.fullmatch("h[1-6]", tag):
            if int(tag[1]) > self.level + 1:
                self.problem("<%s> after <h%d>" % (tag, self.level))
            self.level = int(tag[1])
        if tag == "th" and attrs.get("scope") not in ("col", "row"):
            self.problem("<th> without a scope")
        if tag == "svg" and "aria-hidden" not in attrs and \
                not (attrs.get("role") == "img" and attrs.get("aria-label")):
            self.problem("a picture without a text")
        if tag == "html" and not attrs.get("lang"):
            self.problem("no language")
        if "id" in attrs:
            if attrs["id"] in self.ids:
                self.problem("two elements are called '%s'" % attrs["id"])
            self.ids.add(attrs["id"])

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.check_loads(tag, attrs)
        self.check_access(tag, attrs)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problem("</%s> closes %s" % (tag, self.open[-1:]))
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data


def luminance(colour):
    if len(colour) == 3:
        colour = "".join(c + c for c in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colours(style):
    """The sets of variables, in the order light, dark, print."""
    sets = [dict(re.findall(r"--(\w+):#([0-9a-f]{3,6})", block))
            for block in re.findall(r":root\{([^}]*)\}", style)]
    if len(sets) != 3:
        return ["%d sets of colours where 3 are due" % len(sets)]
    problems = []
    for name, colours in zip(("light", "dark", "print"), sets):
        pairs = [(text, ground) for text in ("fg", "dim", "pass", "fail", "error")
                 for ground in ("bg", "card")] + [("cut", v) for v in ("pass", "fail", "error")]
        for a, b in pairs:
            c = contrast(colours[a], colours[b])
            if c < 4.5:
                problems.append("%s: %s on %s has a contrast of %.1f" % (name, a, b, c))
    return problems


def main():
    checker = Checker()
    with open(sys.argv[1], encoding="utf-8") as f:
        checker.feed(f.read())
    checker.close()
    problems = checker.problems + check_colours(checker.style)
    if checker.open:
        problems.append("never closed: %s" % checker.open)
    for tag in ("html", "head", "title", "style", "body", "main", "h1"):
        if checker.seen.count(tag) != 1:
            problems.append("%d of <%s>" % (checker.seen.count(tag), tag))
    for name in checker.used - checker.ids:
        problems.append("nothing is called '%s'" % name)
    if not checker.policy.startswith("default-src 'none'; style-src 'sha256-"):
        problems.append("the policy is '%s'" % checker.policy)
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main())
