"""The letter a reply begins from, in the customer's language (wording.md: first reply from a case)."""

from __future__ import annotations

from flask import render_template

from surveys.auth.models import StaffUser
from surveys.followups import queries
from surveys.followups.queries import Story
from surveys.invitations import mails, names
from surveys.lib import clock, dates
from surveys.lib.i18n import _, speaking
from surveys.settings.queries import calendar, organisation

# Working days until we say what will be done, by tier (8.1: plan agreed).
PLAN_DAYS = {"high_touch": 2, "low_touch": 3, "tech_touch": 5}


def draft(story: Story, user: StaffUser) -> dict[str, str]:
    """Subject and text to begin from; a first reply is a whole letter, later ones its frame."""
    contact, answer, brand = story.case.contact, story.answer, queries.brand_of(story.case)
    days = PLAN_DAYS.get(story.case.account.tier or "", PLAN_DAYS["low_touch"])
    by = calendar().workday_after(clock.today(organisation().timezone), days)
    with speaking(contact.language):
        company = brand.name_in(contact.language)
        text = render_template(
            "followups/email/reply.txt",
            greeting=names.greeting(contact, contact.language),
            company=company,
            name=user.name,
            is_first=not story.has_been_answered,
            has_answer=answer is not None,
            by=dates.near_day(by),
        )
    return {"subject": _subject(story, company), "reply": text.strip()}


def _subject(story: Story, company: str) -> str:
    """As the mail before it, so that the thread holds; of its own when there was none."""
    written = next((moment.entry.subject for moment in reversed(story.timeline) if moment.entry and moment.mail), "")
    if written:
        return written if written.startswith("Re: ") else f"Re: {written}"
    if story.answer is not None and story.answer.invitation is not None:
        return f"Re: {mails.subject_of(story.answer.invitation)}"
    contact = story.case.contact
    with speaking(contact.language):
        return _("From %(company)s", company=company)
