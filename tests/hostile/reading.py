"""Reads what Koe sends as a browser would, and says where something of a stranger's is more than text."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Final
from xml.etree.ElementTree import fromstring

import css_inline
from werkzeug.test import TestResponse

from tests.hostile.payloads import PRODUCT

# Not to move styles about: Servo's parser reads the page as browsers do, and writes down what it understood.
_READER: Final = css_inline.CSSInliner(
    inline_style_tags=False, keep_style_tags=True, keep_link_tags=True, load_remote_stylesheets=False
)
ADDRESSES: Final = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcdoc", "background"}
# A browser takes these out of an address before it reads it.
UNREAD: Final = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
GOOD: Final = re.compile(
    r"""(?:http://localhost)?/(?![/\\]).* | [?#].* |             # our own pages
        https://(?:[a-z]+\.)?minato\.example\.com(?:[/?#].*)? | mailto:.* | data:image/(?:png|svg\+xml)[;,].* | data:, |
    """,
    re.DOTALL | re.VERBOSE,
)
NEVER: Final = {"object", "embed", "applet", "frame", "frameset", "math", "template", "marquee"}
OUTSIDE: Final = re.compile(
    r"probe|expression|javascript|@import|url\((?!['\"]?(data:image/|/static/))|</", re.IGNORECASE
)


class Page(HTMLParser):
    """The faults of one page, and all its text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.texts: list[str] = []
        self.within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if "probe" in tag or tag in NEVER or (tag == "base" and "href" in named):
            self.faults.append(f"the element <{tag}>")
        self.within = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        is_data = named.get("type") == "application/json"
        if tag == "script" and not is_data and not (named.get("src") or "").startswith("/static/js/"):
            self.faults.append("a script of nobody's")
        if tag == "meta" and "http-equiv" in named and not (named.get("content") or "").isdigit():
            self.faults.append(f"a page that says {named}")

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.within == "script" and data.strip():
            self.faults.append("words in a script")
        if self.within == "style" and OUTSIDE.search(data):
            self.faults.append(f"a style with {OUTSIDE.search(data)}")

    def handle_comment(self, data: str) -> None:
        if "probe" in data:
            self.faults.append("words in a comment")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        self.texts.append(value)
        if name.startswith("on") or "probe" in name or "`" in name:
            self.faults.append(f"the attribute {name} of <{tag}>")
        if name in ADDRESSES and not _is_good(value):
            self.faults.append(f"{name}={value[:60]!r} of <{tag}>")
        if name == "style" and OUTSIDE.search(value):
            self.faults.append(f"style={value[:60]!r} of <{tag}>")


def _is_good(address: str) -> bool:
    return bool(GOOD.fullmatch(UNREAD.sub("", address)))


def faults_of_html(html: str) -> tuple[list[str], str]:
    """What is wrong with a page, and its text."""
    page = Page()
    page.feed(_READER.inline(html))
    page.close()
    text = " ".join(page.texts)
    return [*page.faults, *(["a template that reckons"] if PRODUCT in text else [])], text


def faults_of(answer: TestResponse) -> tuple[list[str], str]:
    """What is wrong with an answer of any kind, and its text."""
    faults = [f"the header {name}" for name, value in answer.headers if "<" in value or "\n" in value]
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("its kind may be guessed")
    place = answer.headers.get("Location")
    if place is not None and not (place.startswith("/") and _is_good(place)):
        faults.append(f"it leads to {place}")
    found, text = _READERS.get(answer.mimetype, _faults_of_bytes)(answer)
    return faults + found, text


def _faults_of_page(answer: TestResponse) -> tuple[list[str], str]:
    return faults_of_html(answer.get_data(as_text=True))


def _faults_of_picture(answer: TestResponse) -> tuple[list[str], str]:
    """Drawn letters are no text: nothing of anybody's words stands in it."""
    for element in fromstring(answer.get_data()).iter():
        name = element.tag.rpartition("}")[2]
        hostile = [each for each in element.attrib if each.lower().startswith("on") or "probe" in each]
        if name in ("script", "foreignObject", "a", "x-probe") or hostile:
            return [f"the element <{name}> with {hostile}"], ""
    return [], ""


def _faults_of_table(answer: TestResponse) -> tuple[list[str], str]:
    text = answer.get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    widths = {len(row) for row in rows}
    return ([] if len(widths) == 1 else [f"rows of {widths} cells"]), " ".join(cell for row in rows for cell in row)


def _faults_of_json(answer: TestResponse) -> tuple[list[str], str]:
    json.loads(answer.get_data())
    return [], json.dumps(answer.get_json(), ensure_ascii=False)


def _faults_of_lines(answer: TestResponse) -> tuple[list[str], str]:
    lines = [json.loads(line) for line in answer.get_data(as_text=True).split("\n") if line]
    return [], json.dumps(lines, ensure_ascii=False)


def _faults_of_script(answer: TestResponse) -> tuple[list[str], str]:
    return (["words in a script"] if b"probe" in answer.get_data() else []), ""


def _faults_of_bytes(answer: TestResponse) -> tuple[list[str], str]:
    known = answer.mimetype in ("image/png", "text/plain") or answer.status_code in (302, 303, 304)
    return ([] if known else [f"of the kind {answer.mimetype}"]), ""


_READERS: Final = {
    "text/html": _faults_of_page,
    "image/svg+xml": _faults_of_picture,
    "text/csv": _faults_of_table,
    "application/json": _faults_of_json,
    "application/x-ndjson": _faults_of_lines,
    "text/javascript": _faults_of_script,
}
