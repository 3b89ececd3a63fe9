"""Fills in the forms of pages as somebody does who means no good, and sends them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

# What one writes into; everything else is left as the page has it.
WRITTEN = {"text", "search", "url", "email", "tel", "password", "number", "date", "time", "datetime-local", "color", ""}
# Sent, they would end the visit or the town.
NEVER_SENT = ("/logout", "/sessions/end", "/language", "/departure", "/settings/demo")


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    kept: dict[str, str] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)

    def sent(self, words: str) -> dict[str, object]:
        """Its fields with these words in each that is written into, and in a file of that name."""
        files = {name: (io.BytesIO(table_of(words)), f"{words[:60]}.csv") for name in self.files}
        return {**self.kept, **self.buttons, **dict.fromkeys(self.written, words), **files}


def table_of(words: str) -> bytes:
    """A list of customers with these words in its headings and cells."""
    cell = '"' + words.replace('"', '""') + '"'
    return f"E-mail address,Account,Tier,Owner,{cell}\n{cell},{cell},{cell},{cell},{cell}\n".encode()


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.forms = path, list[Form]()
        self.form: Form | None = None
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(urljoin(self.path, named.get("action") or self.path))
            if named.get("method", "").lower() == "post":
                self.forms.append(self.form)
        elif self.form is not None:
            self._field(self.form, tag, named)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None

    def _field(self, form: Form, tag: str, named: dict[str, str]) -> None:
        name, kind = named.get("name", ""), named.get("type", "").lower()
        if tag == "option" and self.select and ("selected" in named or self.select not in form.kept):
            form.kept[self.select] = named.get("value", "")
        elif tag == "select":
            self.select = name
        elif tag == "textarea" or (tag == "input" and kind in WRITTEN):
            form.written.append(name)
        elif tag == "input" and kind == "file":
            form.files.append(name)
        elif tag == "input" and (kind == "hidden" or "checked" in named or name not in form.kept):
            form.kept[name] = named.get("value", "on")
        elif tag == "button" and name and not form.buttons:
            form.buttons[name] = named.get("value", "")


def forms_on(path: str, html: str) -> list[Form]:
    """The forms of a page that are posted."""
    reader = _Reader(path)
    reader.feed(html)
    return reader.forms


def send_all(
    client: FlaskClient, pages: Iterable[tuple[str, str]], words: str, seen: set[str]
) -> Iterator[tuple[str, TestResponse]]:
    """Each form of these pages once, with these words wherever one can write; and where it leads."""
    for path, html in pages:
        for form in forms_on(path, html):
            where = urlsplit(form.action).path
            if form.action in seen or where.endswith(NEVER_SENT):
                continue
            seen.add(form.action)
            answer = client.post(form.action, data=form.sent(words), content_type="multipart/form-data")
            yield form.action, answer
            if answer.status_code == 303:
                yield f"after {form.action}", client.get(answer.headers["Location"])
