"""Walks through all of Koe as a browser does: every link of every page, every state of a customer's pages."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from surveys.invitations.models import Invitation
from surveys.lib import clock
from surveys.lib.db import db
from surveys.openlinks import pages
from surveys.openlinks.models import OpenLink
from tests.hostile.payloads import PAYLOADS
from tests.hostile.town import Town
from tests.intake.customers import READING, link, nonce_on, opt_out_link
from tests.openlinks.strangers import answer as answer_openly

LINK = re.compile(r'(?:href|src|data-src|data-href|data-preview|action)="(/[^"#]*)')
# Where nothing of anybody stands, what ends the visit, and the pages that need no log-in.
LEFT_OUT = re.compile(r"/(static|healthz|logout|s|u|o|start/test-mail)(/|$)")
EACH = 1  # pages of one kind: the first of the rows there are
TELLING = {"list", "rows", "tab", "view"}  # what is asked for so is a page of its own
# Pages that stand at no link of a page that is shown.
BESIDE = (
    "/responses/new?contact=1",
    "/messages?list=failed",
    "/readyz",
    "/login",
    "/password-reset",
    "/password-reset/request",
    "/profile/password",
    "/start",
    "/start/people",
    "/start/sender",
    "/start/mail",
    "/campaigns/audience?tier=high_touch",
    "/tour/dismissal",
    "/nowhere",
    "/brands/1/x.png",
    "/voices/export.csv",
    "/voices/export.jsonl",
    "/voices?q=comment&period=all",
    "/charts/nps.svg?theme=light&size=wide&lang=ja",
    "/campaigns/1/plan",
)
# What comes in an address, and is said again.
ASKED = (
    *(f"{path}?{name}={quote(payload)}" for payload in PAYLOADS[::7] for path, name in (
        ("/voices", "q"), ("/customers", "q"), ("/mailbox", "q"), ("/campaigns", "page"), ("/help/none", "x"),
        ("/responses/new", "contact"), ("/voices", "tag"), ("/login", "next"),
    )),
    *(f"{path}{quote(payload, safe='')}" for payload in PAYLOADS[::7] for path in ("/help/", "/settings/kinds/", "/")),
)  # fmt: skip


def staff_pages(app: Flask, client: FlaskClient, beside: Iterable[str]) -> Iterator[tuple[str, TestResponse]]:
    """Every page that can be reached by links from Home or is known by its address; a few of each kind."""
    begun = dict.fromkeys(["/", *BESIDE, *beside])
    waiting, seen, kinds = deque(begun), set[str](), Counter[object]()
    router = app.url_map.bind("localhost")
    while waiting:
        path = waiting.popleft()
        if path in seen or LEFT_OUT.match(path) or (path not in begun and _is_enough(router, path, kinds)):
            continue
        seen.add(path)
        answer = client.get(path)
        yield path, answer
        waiting.extend(urljoin(path, place) for place in answer.headers.getlist("Location"))
        if answer.mimetype == "text/html":
            found = LINK.findall(answer.get_data(as_text=True))
            waiting.extend(urljoin(path, each.replace("&amp;", "&")) for each in dict.fromkeys(found))
        answer.close()


def asked_pages(client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """Pages that say again what was asked of them, and those that are not there."""
    for path in ASKED:
        yield path, client.get(path)


def _is_enough(router: object, path: str, kinds: Counter[object]) -> bool:
    """Whether enough pages of this kind were seen: of one route, asked the same things."""
    parts = urlsplit(path)
    try:
        endpoint, _values = router.match(parts.path, "GET")  # type: ignore[attr-defined]
    except HTTPException:
        return True
    asked = sorted((name, value if name in TELLING else "") for name, value in parse_qsl(parts.query))
    kind = (endpoint, tuple(asked))
    kinds[kind] += 1
    return kinds[kind] > EACH


def unseen(app: Flask, seen: Iterable[str]) -> set[str]:
    """Routes with a page of which none was shown."""
    router = app.url_map.bind("localhost")
    shown = set()
    for path in seen:
        try:
            shown.add(router.match(urlsplit(path).path, "GET")[0])
        except HTTPException:
            continue
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - shown


def customer_pages(client: FlaskClient, town: Town, words: str) -> Iterator[tuple[str, TestResponse]]:
    """A customer's pages in every state; whatever can be written is these words."""
    for language in ("en", "ja"):
        yield from _answering(client, town, language, words)
        yield from _leaving(client, town, language, words)
    closed = db.session.get_one(Invitation, town.asked["closed"])
    for path in (link(closed), "/s/none", "/u/none", "/o/none", f"/s/{quote(words, safe='')}"):
        yield path, client.get(path)
    for opened in db.session.query(OpenLink).order_by(OpenLink.id):
        yield from _strangers(client, opened, words)


def _answering(client: FlaskClient, town: Town, language: str, words: str) -> Iterator[tuple[str, TestResponse]]:
    fresh = db.session.get_one(Invitation, town.asked[f"fresh {language}"])
    for query in ("", "?score=3", f"?score={quote(words)}&visit={quote(words)}"):
        yield link(fresh) + query, client.get(link(fresh) + query)
    asked = db.session.get_one(Invitation, town.asked[f"answering {language}"])
    page = client.get(link(asked))
    form = {
        "nonce": nonce_on(page),
        "shown_in": language,
        "score": "3",
        "comment": words,
        "q5": words,
        "contact": "yes",
    }
    yield "a wrong score", client.post(link(asked), data=form | {"score": words, "q1": words, "q3": words})
    yield "an old form", client.post(link(asked), data=form | {"nonce": words, "visit": words})
    yield "another language", client.post(link(asked), data=form | {"language": "ja" if language == "en" else "en"})
    yield "too long", client.post(link(asked), data=form | {"comment": words * 400})
    with clock.at(clock.now() + READING):
        sent = client.post(link(asked), data=form)
    yield "sent", sent
    thanks = sent.headers["Location"]
    yield "thanks", client.get(thanks)
    yield "a change", client.get(f"{link(asked)}?{urlsplit(thanks).query}")
    yield "a receipt", client.get(link(asked))
    for rest in ("withdrawal", "not-me", "more"):
        yield rest, client.get(f"{link(asked)}/{rest}")
    yield "withdrawn", client.post(f"{link(asked)}/withdrawal", data={"withdraw": "1"})
    yield "withdrawn before", client.get(f"{link(asked)}/withdrawal")
    late = db.session.get_one(Invitation, town.asked[f"late {language}"])
    with clock.at(clock.now() + READING):
        form["nonce"] = nonce_on(client.get(link(late)))
        client.post(link(late), data=form)
    with clock.at(clock.now() + timedelta(days=30)):
        yield "long ago", client.get(link(late))


def _leaving(client: FlaskClient, town: Town, language: str, words: str) -> Iterator[tuple[str, TestResponse]]:
    leaving = db.session.get_one(Invitation, town.asked[f"leaving {language}"])
    path = opt_out_link(leaving)
    yield path, client.get(path)
    yield "wishes", client.post(path, data={"save": words, "less_often": words, "language": words})
    yield "left", client.post(path, data={"leave": "1", "nonce": words})
    yield "away", client.get(path)
    yield "back", client.post(path, data={"return": "1"})
    wrong = db.session.get_one(Invitation, town.asked[f"wrong {language}"])
    named = {"why": "left", "name": words, "email": words, "words": words}
    yield "named wrongly", client.post(f"{link(wrong)}/not-me", data=named)
    right = named | {"email": "next@customer.example.com", "name": words[:100], "words": words[:400]}
    yield "named", client.post(f"{link(wrong)}/not-me", data=right)
    yield "told", client.get(f"{link(wrong)}/not-me?named=1")


def _strangers(client: FlaskClient, opened: OpenLink, words: str) -> Iterator[tuple[str, TestResponse]]:
    path = pages.path(opened).removesuffix("/kiosk")
    for rest in (
        "",
        f"?score={quote(words)}",
        "/thanks",
        f"/thanks?visit={quote(words)}",
        "/kiosk",
        "/kiosk/thanks",
        "/worker.js",
    ):
        yield f"open {opened.mode}{rest[:12]}", client.get(path + rest)
    yield "a strange score", answer_openly(client, opened, words, words, q1=words, q5=words)
    sent = answer_openly(client, opened, 2, words, q5=words)
    yield "sent openly", sent
    if sent.status_code == 303:
        yield "thanked openly", client.get(sent.headers["Location"])
    yield "from a device", client.post(path, data={"client_id": words, "made_at": words, "score": words})
    yield "at a kiosk", client.post(f"{path}/kiosk", data={"nonce": words, "score": words, "comment": words})
