"""X-05: whatever is stored in any field of any table is text on every page, in every mail and every file.

Every field of a town with one of everything is planted with payloads, a quarter of them at a time; then all of it is
shown, and read as a browser reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveys.lib.db import db
from tests import factories
from tests.hostile import filling, planting, reading, town, walking
from tests.hostile.payloads import PAYLOADS, chunks
from tests.intake.customers import link
from tests.intake.test_faults import connections, form_of

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

ROUNDS = chunks(3)
# Planted, and on no page: nobody reads it, or not yet.
NOT_SHOWN = {
    "event.data": "the record of what happened has no page",
    "import_account.external_key": "shown once the list is taken over, as the account's own",
    "import_account.name_kana": "the same",
    "import_account.properties": "the same",
    "import_contact.department": "the same, as the contact's own",
    "import_contact.external_key": "the same",
    "import_contact.honorific": "the same",
    "import_contact.name_kana": "the same",
    "import_contact.properties": "the same",
    "import_contact.title": "the same",
    "mailbox_mail.sender": "the list shows to whom and about what",
    "open_answer.client_id": "only held against what comes again",
    "staff_session.device": "said in words of ours: which browser, which system",
}
IN_ONE_LANGUAGE = {"en": {"questionnaire.name_ja"}, "ja": {"questionnaire.name"}}
ONLY_AFTER_A_NUMBER = {"message.answer"}  # as a server speaks; what it says otherwise is said in words of ours
EMPTY = "<!doctype html><html lang=en><title>x</title>"
# No page of anybody's words.
NOT_WALKED = {"reports.alive", "static"}


def judged(answers: Iterable[tuple[str, TestResponse]]) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """What is wrong with these answers, their texts, and what was asked for."""
    wrong: dict[str, list[str]] = {}
    texts, paths = [], []
    for name, answer in answers:
        faults, text = reading.faults_of(answer)
        if answer.status_code >= 500 and answer.request.path != "/readyz":
            faults.append(f"status {answer.status_code}")
        if faults:
            wrong[name] = faults
        texts.append(text)
        paths.append(answer.request.path)
    return wrong, texts, paths


def test_the_payloads_are_sixty_and_each_can_be_told():
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 60
    assert [payload for payload in PAYLOADS if "x-probe" not in payload] == []


FRAMES = {
    "<p>{}</p>": [payload for payload in PAYLOADS if "<" in payload],
    "<title>{}</title>": ["</title><x-probe>"],
    "<textarea>{}</textarea>": ["</textarea><x-probe>"],
    '<p title="{}"></p>': ['"><x-probe>', '" x-probe="1', '" onmouseover="alert(\'x-probe\')" x="'],
    "<p title='{}'></p>": ["'><x-probe>", "' x-probe='1", "';alert('x-probe');//"],
    "<p title={}></p>": ["x x-probe=1 ", "</title><x-probe>"],
    "<a href='{}'></a>": [payload.replace("'", "&#39;") for payload in PAYLOADS],
    "<script type='application/json'>{}</script>": PAYLOADS,
    "<style>{}</style>": PAYLOADS,
    "<!-- {} -->": PAYLOADS,
}


@pytest.mark.parametrize("frame", FRAMES)
def test_the_reader_sees_what_breaks_out(frame):
    page = f"<!doctype html><html lang=en><title>x</title>{frame}"
    assert [each for each in FRAMES[frame] if not reading.faults_of_html(page.replace("{}", each))[0]] == []
    assert reading.faults_of_html(page.replace("{}", ""))[0] == []


def test_every_field_of_words_is_planted_and_no_exception_is_stale(app):
    town.visitor(app, town.build(), "en")
    known = {planting.name_of(column): column.table for column in planting.fields()}
    assert planting.EXCLUDED - known.keys() == set()
    assert planting.IN_JSON.keys() - known.keys() == set()
    planted = {table for name, table in known.items() if name not in planting.EXCLUDED}
    assert [table.name for table in planted if db.session.execute(select(table).limit(1)).first() is None] == []


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_what_is_stored_is_text_wherever_it_is_shown(app, number):
    """And everything that is planted is shown somewhere, on one of all pages there are; else this would prove nothing."""
    words, language, is_after = ROUNDS[number], ("en", "ja")[number % 2], number != 1
    here = town.build()
    staff = town.visitor(app, here, language)
    marks = planting.plant(words, after=is_after)
    wrong, texts = {}, []
    for kind, letter in town.letters():
        faults, text = reading.faults_of_html(letter.html or EMPTY)
        wrong |= {f"mail: {kind}": faults} if faults else {}
        texts += [text, letter.body or ""]
    walk = chain(walking.staff_pages(app, staff, here.beside), walking.customer_pages(app.test_client(), here, words))
    faults_of_pages, shown, paths = judged(walk)
    assert wrong | faults_of_pages == {}
    everything = " ".join([*texts, *shown])
    expected = NOT_SHOWN.keys() | IN_ONE_LANGUAGE[language] | (set() if is_after else ONLY_AFTER_A_NUMBER)
    assert {name for mark, name in marks.items() if mark not in everything} == expected
    assert walking.unseen(app, paths) <= NOT_WALKED


def test_what_comes_in_an_address_is_text_on_the_page_that_answers(app):
    here = town.build()
    wrong, _texts, _paths = judged(walking.asked_pages(town.visitor(app, here, "en")))
    assert wrong == {}


@pytest.mark.parametrize("number", [0])
def test_what_is_sent_in_any_form_of_staff_is_text_on_the_page_that_answers(app, number):
    """Refused or taken: messages of errors and warnings, names of files, forms that come back."""
    here = town.build()
    staff = town.visitor(app, here, "en")
    pages = [
        (path, answer.text)
        for path, answer in walking.staff_pages(app, staff, here.beside)
        if answer.mimetype == "text/html"
    ]
    answers = list(filling.send_all(staff, pages, ROUNDS[number], set()))
    wrong, _texts, paths = judged(answers)
    assert wrong == {}
    assert [path for path, answer in answers if answer.request.method == "POST" and answer.status_code == 200] == []
    assert "/login" not in paths
    assert len(set(paths)) > 100


@pytest.mark.parametrize("words", ROUNDS)
def test_what_could_not_be_stored_is_text_in_the_form_that_keeps_it(client, words):
    """The names of the fields as well: the page that says it carries whatever came to the next try."""
    invitation = factories.make_invitation()
    path, form = link(invitation), form_of(invitation, comment=words) | {words: words, "q1": words}
    db.session.commit()
    with connections("PRAGMA query_only=ON"):
        answers = [client.post(path, data=form), client.post(f"{path}/withdrawal", data=form | {"withdraw": "1"})]
    for answer in answers:
        faults, text = reading.faults_of(answer)
        assert (answer.status_code, faults, words in text) == (503, [], True)
