"""Further questions on the customer's page: shown when they fit, kept with the answer, asked again when left open."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from surveys.intake import pages
from surveys.intake.forms import read
from surveys.lib import clock
from surveys.lib.db import db
from surveys.questionnaires import actions
from surveys.responses.models import Response, ResponseChange
from tests import factories
from tests.intake.customers import READING, answer, link, nonce_on


def words(text: str, **options: str) -> dict[str, object]:
    labels = {key[1:]: label for key, label in options.items()}
    return {"text": text, "options": labels, "low": "", "high": ""}


QUESTIONS = [
    {"key": "q1", "kind": "choice", "options": ["1", "2"], "is_required": True,
     "words": {"en": words("What do you use most?", _1="Shifts", _2="Leave"), "ja": words("よく使う機能は？", _1="シフト", _2="休暇")}},
    {"key": "q2", "kind": "choices", "options": ["1", "2", "3"], "when": {"after": "q1", "answers": ["2"]},
     "words": {"en": words("What is missing?", _1="Half days", _2="Carry over", _3="Reports"), "ja": words("足りないものは？", _1="半休", _2="繰越", _3="帳票")}},
    {"key": "q3", "kind": "scale", "low": 1, "high": 5, "words": {"en": words("How fast is {product}?"), "ja": words("{product}の速さは？")}},
    {"key": "q4", "kind": "yes_no", "when": {"segments": ["bad", "middle"]},
     "words": {"en": words("Did you ask support?"), "ja": words("サポートに問い合わせましたか？")}},
    {"key": "q5", "kind": "text", "words": {"en": words("One wish?"), "ja": words("ご要望は？")}},
]  # fmt: skip


@pytest.fixture
def invitation(app):
    campaign = factories.make_campaign()
    campaign.version.questions = QUESTIONS
    db.session.commit()
    return factories.make_invitation(campaign=campaign)


def stored() -> Response:
    db.session.rollback()
    return db.session.scalars(select(Response)).one()


def again(client, invitation, page, **fields):
    """Another form, read for a while and sent."""
    with clock.at(clock.now() + READING):
        return client.post(link(invitation), data={"nonce": nonce_on(page), "shown_in": "en", **fields})


def sent(client, invitation, **fields):
    return answer(client, invitation, fields.pop("score", 9), **fields)


def test_every_kind_of_answer_is_kept_with_the_score(client, invitation):
    fields = {"q1": "2", "q2.1": "1", "q2.3": "1", "q3": "4", "q4": "yes", "q5": "Dark mode\r\nplease"}
    page = sent(client, invitation, score=3, **fields)
    assert page.status_code == 303
    assert stored().answers == {"q1": "2", "q2": ["1", "3"], "q3": 4, "q4": "yes", "q5": "Dark mode\nplease"}


def test_what_was_not_shown_is_not_an_answer(client, invitation):
    """Ticked before a change of mind: q2 follows another answer to q1, q4 is not asked of promoters."""
    sent(client, invitation, score=9, **{"q1": "1", "q2.1": "1", "q4": "no"})
    assert stored().answers == {"q1": "1"}


def test_a_score_without_a_required_answer_counts_and_the_question_is_asked_again(client, invitation):
    first = sent(client, invitation, score=9)
    assert (first.status_code, stored().score, stored().answers) == (303, 9, {})
    thanks = client.get(first.headers["Location"])
    assert "Not everything is answered yet" in thanks.text and "What do you use most?" in thanks.text
    assert "Did you ask support?" not in thanks.text
    more = {"nonce": nonce_on(thanks), "shown_in": "en", "score": "9", "q1": "1", "comment": "All well"}
    assert client.post(link(invitation), data=more).status_code == 303
    found = stored()
    assert (found.score, found.answers, found.comment) == (9, {"q1": "1"}, "All well")


def test_the_comment_can_follow_on_the_thanks_page_and_nothing_is_asked_when_all_is_said(client, app):
    plain = factories.make_invitation()
    first = answer(client, plain, 8)
    thanks = client.get(first.headers["Location"])
    assert "What could we improve?" in thanks.text
    second = client.post(
        link(plain), data={"nonce": nonce_on(thanks), "shown_in": "en", "score": "8", "comment": "Faster exports"}
    )
    assert stored().comment == "Faster exports"
    done = client.get(second.headers["Location"]).text
    assert "Faster exports" in done and "<form" not in done
    kinds = [each.kind for each in db.session.scalars(select(ResponseChange).order_by(ResponseChange.id))]
    assert kinds == ["answered", "changed"]


def test_somebody_else_with_the_link_is_neither_asked_nor_shown_anything(client, invitation):
    """X-04: without the visit that wrote the answer, the thanks page says the score and no more."""
    sent(client, invitation, score=2, q1="1", q5="Our secret wish")
    page = client.get(f"{link(invitation)}/thanks").text
    form = client.get(link(invitation)).text
    assert "Our secret wish" not in page + form
    assert "<form" not in page
    assert 'id="q1-1" value="1" checked' not in form


def test_the_visit_that_answered_finds_its_answers_again(client, invitation):
    location = sent(client, invitation, score=2, **{"q1": "2", "q2.2": "1", "q5": "A wish"}).headers["Location"]
    visit = location.partition("visit=")[2]
    form = client.get(f"{link(invitation)}?visit={visit}").text
    assert 'id="q1-2" value="2" checked' in form and 'name="q2.2" id="q2-2" value="1" checked' in form
    assert "A wish</textarea>" in form


def test_answers_given_in_another_visit_are_added_to_those_before(client, invitation):
    sent(client, invitation, score=2, q1="1", q5="A wish")
    page = client.get(link(invitation))
    again(client, invitation, page, score="2", q3="5")
    assert stored().answers == {"q1": "1", "q5": "A wish", "q3": 5}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"q1": "9"}, "Please choose one of the answers shown."),
        ({"q3": "6"}, "Please choose one of the answers shown."),
        ({"q3": "５"}, "Please choose one of the answers shown."),
        ({"q4": "maybe"}, "Please choose one of the answers shown."),
        ({"q5": "x" * 2001}, "Please shorten your text to 2000 characters; it has 2001."),
        ({"q5": "a\0b"}, "Your text has a character that cannot be stored."),
    ],
)
def test_what_is_no_answer_comes_back_with_everything_that_was_entered(client, invitation, fields, words):
    page = sent(client, invitation, score=3, comment="My words", **({"q1": "2", "q2.3": "1"} | fields))
    assert page.status_code == 400 and words in page.text and "My words" in page.text
    assert 'name="q2.3" id="q2-3" value="1" checked' in page.text or fields == {"q1": "9"}
    assert db.session.scalars(select(Response)).all() == []


def test_problems_are_said_in_the_language_of_the_page(client, invitation):
    page = sent(client, invitation, score=3, shown_in="ja", q3="6")
    assert "表示されている選択肢からお選びください" in page.text


def test_two_thousand_characters_in_each_text_are_taken_as_they_are(client, invitation):
    text = "😀" * 2000
    sent(client, invitation, q1="1", q5=text, comment="あ" * 5000)
    assert stored().answers["q5"] == text


def test_a_form_without_a_score_can_be_answered_by_its_further_questions_alone(client, app):
    campaign = factories.make_campaign(key="form-default")
    campaign.version.questions = [QUESTIONS[0]]
    db.session.commit()
    asked = factories.make_invitation(campaign=campaign)
    page = client.get(link(asked))
    assert "What do you use most?" in page.text
    assert 'rows="4" required' not in page.text, "the browser would ask for words as well"
    empty = client.post(link(asked), data={"nonce": nonce_on(page), "shown_in": "en"})
    assert empty.status_code == 400
    assert client.post(link(asked), data={"nonce": nonce_on(page), "shown_in": "en", "q1": "2"}).status_code == 303
    assert stored().answers == {"q1": "2"}


def test_the_history_keeps_every_answer(client, invitation):
    sent(client, invitation, q1="1")
    page = client.get(link(invitation))
    again(client, invitation, page, score="9", q1="2")
    history = db.session.scalars(select(ResponseChange).order_by(ResponseChange.id)).all()
    assert [each.answers for each in history] == [{"q1": "1"}, {"q1": "2"}]


def test_an_answer_is_stored_with_the_questions_that_were_shown(client, invitation):
    """R-29: the page was opened, then the questionnaire changed, then the form was sent."""
    page = client.get(link(invitation))
    old = invitation.version_id
    invitation.version.freeze()  # as its first mail does
    actions.ask_further(invitation.campaign.questionnaire, [QUESTIONS[4] | {"key": "q9"}])
    db.session.commit()
    again(client, invitation, page, score="9", q1="2", q9="x")
    assert (stored().version_id, stored().answers) == (old, {"q1": "2"})


def test_which_questions_show_is_said_by_a_stylesheet_that_its_hash_allows(client, invitation):
    page = client.get(link(invitation))
    assert "form:has(#q1-2:checked) .f-q2{display:block}" in page.text
    assert "form:has(.bad:checked,.middle:checked) .f-q4{display:block}" in page.text
    assert page.headers["Content-Security-Policy"] != client.get("/s/bad").headers["Content-Security-Policy"]


def test_a_busy_moment_loses_no_further_answer(app):
    """The page that says that nothing was saved carries every field to the next try (R-23)."""
    with app.test_request_context("/s/x"):
        entered = read(b"score=3&comment=Words&q1=2&q2.3=1")
        page = pages.standalone("not_saved", "en", 503, entered=entered).get_data(as_text=True)
    assert 'name="q1" value="2"' in page and 'name="q2.3" value="1"' in page


def test_questions_survive_a_trip_through_json(app):
    version = factories.make_campaign().version
    version.questions = QUESTIONS
    assert [each.as_data() for each in version.further] == [
        each.as_data() for each in type(version)(questions=json.loads(json.dumps(QUESTIONS))).further
    ]
