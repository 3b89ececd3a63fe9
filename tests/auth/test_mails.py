"""The mails of staff, compared with saved ones to the letter and looked at by axe (A-20)."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from surveys.auth import actions, mails
from surveys.auth.models import LinkPurpose
from surveys.delivery.models import Message
from surveys.lib.db import db
from tests.design.axe import complaints
from tests.factories import make_user
from tests.saved import compare

SAVED = Path(__file__).parent / "saved"
SECRET = re.compile(r"/links/[\w.-]+")


def letter(purpose, language):
    name = "田中 葵" if language == "ja" else "Aoi Tanaka"
    user = make_user(name=name, locale=language)
    link = actions.make_link(user, purpose, actions.MAILED)
    db.session.commit()
    return mails.compose(Message(kind=purpose.value, subject_id=link.id, to_address=user.email))


@pytest.mark.parametrize("purpose", list(LinkPurpose))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_mails_are_as_they_were_saved(app, standing, purpose, language):
    mail = letter(purpose, language)
    compare(SAVED / f"{purpose.value}.{language}.txt", SECRET.sub("/links/SECRET", f"{mail.subject}\n\n{mail.body}"))
    compare(SAVED / f"{purpose.value}.{language}.html", SECRET.sub("/links/SECRET", mail.html))
    assert len(mail.html.encode()) < 25_000


@pytest.mark.browser
@pytest.mark.only("sqlite")
def test_they_can_be_read_by_everybody(app, page):
    found = {}
    for purpose, language, width in product(LinkPurpose, ("en", "ja"), (320, 600)):
        page.set_viewport_size({"width": width, "height": 700})
        page.set_content(letter(purpose, language).html)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        lines = [each for each in complaints(page) if not each.startswith(("region", "landmark", "page-has-heading"))]
        found[purpose, language, width] = lines + (["too wide"] if wide else [])
    assert {name: lines for name, lines in found.items() if lines} == {}
