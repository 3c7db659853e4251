#!/usr/bin/env python3
"""check_browser.py LABRUN SCORE: the HTML report in a real browser, with hostile texts in it.

Every string of SCORE gets a tail that would run a script in one context or another. The page must
then load without a word on the console, with the texts shown as texts, whether or not its own policy
helps; it must look light in a light room and dark in a dark one, fit a narrow screen, and print with
all evidence unfolded. Controls show that the test would notice. Ends with 77 without Chromium."""
import html.parser
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

import attempt

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--hide-scrollbars", "--enable-logging=stderr", "--v=0"]
STRIKE = "document.title='struck'"
HOSTILE = ("</td></pre></title></style></svg><script>%(s)s</script><img src=x onerror=\"%(s)s\">"
           "<svg onload=\"%(s)s\"><a href=\"javascript:%(s)s\">\" onmouseover=\"%(s)s\" x='"
           "&lt;script&gt; ]]>--> \u202e\u2066\u0007" % {"s": STRIKE})
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def fail(text):
    sys.exit("FAIL: " + text)


class Browser:
    def __init__(self, work):
        self.program = shutil.which("chromium") or shutil.which("chromium-browser")
        if not self.program:
            print("SKIP: chromium is not installed")
            sys.exit(77)
        self.work = work
        self.count = 0

    def run(self, page, *flags):
        """Standard output, and what the page said on the console."""
        self.count += 1
        profile = os.path.join(self.work, "profile%d" % self.count)
        done = subprocess.run([self.program, *FLAGS, "--user-data-dir=" + profile, *flags,
                               "file://" + page], capture_output=True, timeout=120, check=False)
        if done.returncode != 0:
            fail("chromium ended with %d: %s" % (done.returncode, done.stderr.decode()[-2000:]))
        words = [line for line in done.stderr.decode(errors="replace").splitlines()
                 if "CONSOLE" in line]
        return done.stdout.decode(), words

    def write(self, name, text):
        path = os.path.join(self.work, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path


class Dom(html.parser.HTMLParser):
    """What the browser made of a page: its elements, its texts, its title."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags = {}
        self.attributes = set()
        self.text = ""
        self.title = ""
        self.inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside == "title":
            self.title += data
        elif self.inside != "style":
            self.text += data


FIXED = {"started", "graded", "verdict", "now", "after_reboot", "stage", "kind", "segment", "by"}


def poisoned(value, key=None, fixed=frozenset(FIXED)):
    """The same document with a tail on every text that is free."""
    if key == "differences":
        fixed = fixed - {"now"}  # there it is what a node said, and no verdict
    if isinstance(value, dict):
        return {k: v if k == "segments" else poisoned(v, k, fixed) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, None if key == "differences" else key, fixed) for v in value]
    return value + HOSTILE if isinstance(value, str) and key not in fixed else value


def make_page(labrun, score_file, work):
    """The page that `labrun report` makes of a stored attempt whose score was poisoned."""
    with open(score_file, encoding="utf-8") as f:
        score = poisoned(json.load(f))
    state = os.path.join(work, "state")
    attempt.make(state, "x", [score], [
        (0, "ready", None), (500, "hint", {"number": 1, "cost": 5, "text": HOSTILE}),
        (600, "terminal", {"node": HOSTILE, "recording": HOSTILE}),
        (700, "grade", {"percent": 50}), (800, HOSTILE, None)])
    page = os.path.join(work, "report.html")
    subprocess.run([labrun, "--state-dir", state, "report", "x", "--html", page], check=True,
                   stdout=subprocess.DEVNULL)
    with open(page, encoding="utf-8") as f:
        return page, f.read()


def check_quiet(browser, page, what):
    dump, words = browser.run(page, "--dump-dom")
    if words:
        fail("%s: on the console: %s" % (what, words))
    dom = Dom(dump)
    if "struck" in dom.title[:10] or "A storage cluster" not in dom.title:
        fail("%s: the title is '%s'" % (what, dom.title))
    for tag in ("script", "img", "a", "iframe"):
        if tag in dom.tags:
            fail("%s: a text became <%s>" % (what, tag))
    events = [a for a in dom.attributes if a.startswith("on")]
    if events:
        fail("%s: a text became %s" % (what, events))
    return dom


def check_shown(dom, score_file):
    """Not only harmless but there."""
    with open(score_file, encoding="utf-8") as f:
        score = json.load(f)
    results = score["checks"] + score["guards"]
    texts = [score["title"], score["candidate"], score["scenario_digest"], "<script>" + STRIKE]
    texts += [c["title"] for c in results] + [n["name"] for n in score["topology"]["nodes"]]
    texts += [c["evidence"]["seen"] for c in results if c["evidence"]["seen"]]
    for text in texts:
        if text not in dom.text:
            fail("not on the page: %s" % text)
    if "\u202e" in dom.text or "\u2066" in dom.text:
        fail("a character that turns or hides text is on the page")


def check_controls(browser, text):
    """A page that is not safe is noticed, in both ways."""
    bad = text.replace("</main>", "<script>%s</script></main>" % STRIKE)
    bare = browser.write("control-bare.html", POLICY.sub("", bad))
    if Dom(browser.run(bare, "--dump-dom")[0]).title != "struck":
        fail("a script that ran was not noticed")
    guarded = browser.write("control-guarded.html", bad)
    dump, words = browser.run(guarded, "--dump-dom")
    if Dom(dump).title == "struck" or not words:
        fail("the page's policy did not stop a script, or said nothing: %s" % words)


def pixels(path):
    """Width, height and rows of RGB bytes of a PNG that Chromium wrote (8 bits, not interlaced)."""
    with open(path, "rb") as f:
        data = f.read()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and kind in (2, 6)
    size, at, packed = (3 if kind == 2 else 4), 8, b""
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    raw, stride, rows, before = zlib.decompress(packed), width * size, [], bytes(width * size)
    for y in range(height):
        method = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            a = row[i - size] if i >= size else 0
            b, c = before[i], before[i - size] if i >= size else 0
            if method == 1:
                row[i] = (row[i] + a) & 255
            elif method == 2:
                row[i] = (row[i] + b) & 255
            elif method == 3:
                row[i] = (row[i] + (a + b) // 2) & 255
            elif method == 4:
                p = a + b - c
                pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
                row[i] = (row[i] + (a if pa <= pb and pa <= pc else b if pb <= pc else c)) & 255
        rows.append([tuple(row[i:i + 3]) for i in range(0, stride, size)])
        before = bytes(row)
    return rows


def check_looks(browser, page):
    """Of each room: how bright the page is, and that something stands on it."""
    for room, setting, dark in (("light", "1", False), ("dark", "0", True)):
        png = os.path.join(browser.work, room + ".png")
        browser.run(page, "--screenshot=" + png, "--window-size=500,500",
                    "--blink-settings=preferredColorScheme=" + setting)
        flat = [p for row in pixels(png) for p in row]
        ground = max(set(flat), key=flat.count)
        ink = sum(1 for p in flat if sum(abs(a - b) for a, b in zip(p, ground)) > 300)
        if (sum(ground) < 150) != dark or not 0.01 < ink / len(flat) < 0.5:
            fail("%s: the ground is %s, %.3f of the page is ink" % (room, ground, ink / len(flat)))


def check_narrow(browser, text):
    """No part but those that scroll by themselves is wider than a telephone's screen."""
    measure = ("<script>parent.postMessage(document.documentElement.scrollWidth,'*')</script>"
               "</body>")
    inner = browser.write("inner.html", POLICY.sub("", text).replace("</body>", measure))
    outer = browser.write("outer.html", "<title>none</title><script>onmessage=e=>document.title="
                          "e.data</script><iframe width=360 height=900 frameborder=0 src='%s'>"
                          "</iframe>" % os.path.basename(inner))
    title = Dom(browser.run(outer, "--dump-dom", "--virtual-time-budget=5000")[0]).title
    if not title.isdigit() or int(title) > 360:
        fail("on a screen of 360 pixels the page is '%s' wide" % title)


def check_print(browser, page, score_file):
    pdf = os.path.join(browser.work, "report.pdf")
    browser.run(page, "--no-pdf-header-footer", "--print-to-pdf=" + pdf)
    if not shutil.which("pdftotext"):
        fail("pdftotext (poppler-utils) is not installed")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True)
    text = " ".join(text.stdout.decode().split())
    with open(score_file, encoding="utf-8") as f:
        score = json.load(f)
    for c in score["checks"] + score["guards"]:
        seen = (c["evidence"]["seen"] or "").split("\n")[0]
        if c["verdict"] == "pass" and seen not in text:
            fail("not on paper: %s" % seen)
    if "Evidence" in text:
        fail("a handle to unfold is on paper")


def main():
    labrun, score_file = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="labrun-browser-") as work:
        browser = Browser(work)
        page, text = make_page(labrun, score_file, work)
        dom = check_quiet(browser, page, "with the policy")
        check_shown(dom, score_file)
        bare = browser.write("bare.html", POLICY.sub("", text))
        check_quiet(browser, bare, "without the policy")
        check_controls(browser, text)
        check_narrow(browser, text)
        check_looks(browser, page)
        check_print(browser, page, score_file)


main()
