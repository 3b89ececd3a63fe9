"""What became of what a contact told us: who reads it, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from surveys.invitations import news
from surveys.lib import clock
from surveys.lib.errors import Invalid
from tests.factories import make_contact, make_invitation, make_user

DAY = date(2026, 11, 12)


def answered(contact, **ago):
    """An invitation that was answered so long ago."""
    return make_invitation(contact=contact, answered_at=clock.now() - timedelta(**ago))


def told(contact, *texts):
    return [news.tell(contact, {"en": text}, happened_on=DAY) for text in texts]


def test_lines_are_new_until_the_next_answer(app, standing):
    contact = make_contact()
    answered(contact, days=3)
    told(contact, "The export is sorted.")
    assert news.since_last_answer(contact, "en") == [news.Line("The export is sorted.", DAY)]
    with clock.at(standing + timedelta(days=1)):
        answered(contact, hours=1)
    assert news.since_last_answer(contact, "en") == []


def test_who_never_answered_hears_nothing(app):
    contact = make_contact()
    make_invitation(contact=contact)
    told(contact, "The export is sorted.")
    assert news.since_last_answer(contact, "en") == []


def test_three_lines_at_the_most_the_newest_first(app):
    contact = make_contact()
    answered(contact, days=9)
    for day in (3, 9, 5, 7):
        news.tell(contact, {"en": f"Day {day}"}, happened_on=date(2026, 11, day))
    assert [line.text for line in news.since_last_answer(contact, "en")] == ["Day 9", "Day 7", "Day 5"]


def test_each_language_has_its_own_words_and_none_are_mixed(app):
    contact = make_contact()
    answered(contact, days=1)
    news.tell(contact, {"en": "Sorted.", "ja": "並べ替えに対応しました。"}, happened_on=DAY)
    news.tell(contact, {"ja": "日本語だけ。"}, happened_on=DAY)
    assert [line.text for line in news.since_last_answer(contact, "en")] == ["Sorted."]
    assert len(news.since_last_answer(contact, "ja")) == 2


def test_nobody_hears_what_was_told_to_somebody_else(app):
    one, other = make_contact(), make_contact()
    answered(other, days=1)
    told(one, "Yours.")
    assert news.since_last_answer(other, "en") == []


def test_a_receipt_shows_what_was_told_about_its_own_answer(app):
    contact = make_contact()
    invitation, another = answered(contact, days=1), answered(contact, days=2)
    news.tell(contact, {"en": "Sorted."}, happened_on=DAY, invitation=invitation, by=make_user())
    told(contact, "About nothing in particular.")
    assert [line.text for line in news.about(invitation.id, "en")] == ["Sorted."]
    assert news.about(another.id, "en") == []


@pytest.mark.parametrize("texts", [{}, {"en": "  \n "}, {"en": "x" * 301}, {"en": "Fine.", "ja": "長" * 301}])
def test_nothing_and_too_much_are_refused(app, texts):
    with pytest.raises(Invalid):
        news.tell(make_contact(), texts, happened_on=DAY)


def test_a_line_is_one_line(app):
    contact = make_contact()
    answered(contact, days=1)
    told(contact, " Sorted\r\nby  name. ")
    assert news.since_last_answer(contact, "en")[0].text == "Sorted by name."
