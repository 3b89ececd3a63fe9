"""What has to be right before a campaign may go, and what is usual when nobody says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from surveys.invitations import queries
from surveys.invitations.models import Campaign
from surveys.lib import addresses, clock
from surveys.lib.errors import Refused
from surveys.lib.i18n import LANGUAGES, _
from surveys.questionnaires import queries as questionnaires
from surveys.settings.models import Organisation
from surveys.settings.queries import calendar, organisation

USUAL_WORKDAYS = 5
MINUTE = timedelta(minutes=1)  # a form knows no seconds: the minute that runs is now
LATEST = timedelta(days=365)  # how far ahead a campaign may be scheduled


@dataclass(frozen=True)
class Check:
    """One line of the list: what was looked at, and what is wrong with it when something is."""

    subject: str
    title: str
    problem: str = ""


def before_sending(campaign: Campaign, people: int, *, at: datetime | None = None) -> Iterator[Check]:
    """Everything that is looked at before the first mail leaves, in the order of the page."""
    ours = organisation()
    yield Check("audience", _("Somebody is asked"), "" if people else _("Nobody matches this audience."))
    yield Check("sender", _("Sender and answer address"), _sender_problem(ours))
    yield Check("legal", _("Legal name and postal address"), _legal_problem(ours))
    for language in [code for code in LANGUAGES if code in queries.audience_languages(campaign.audience)]:
        yield _wording(campaign, language)
    yield Check("deadline", _("Time to answer"), _deadline_problem(campaign, max(at or clock.now(), clock.now())))


def refuse_without_sender(ours: Organisation) -> None:
    """A test mail needs a sender, but not the rest."""
    if problem := _sender_problem(ours):
        raise Refused(problem)


def moment_problem(at: datetime) -> str:
    """What is wrong with a moment to send at; its year may be any."""
    now = clock.now()
    if at < now - MINUTE:
        return _("This moment is past. Please choose a later one, or send now.")
    return _("Please choose a moment within a year from now.") if at > now + LATEST else ""


def usual_deadline(start: datetime) -> date:
    """Five working days to answer."""
    days = calendar()
    return days.workday_after(days.local(start).date(), USUAL_WORKDAYS)


def window(people: int) -> timedelta:
    """How long so large a campaign can be taken back before its first mail leaves."""
    ours = organisation()
    return timedelta(minutes=ours.cancel_minutes) if people > ours.cancel_above else timedelta(0)


def _sender_problem(ours: Organisation) -> str:
    if not ours.sender_name or not addresses.is_usable(ours.sender_address):
        return _("The sender's name and address are missing in the settings.")
    if ours.reply_address and not addresses.is_usable(ours.reply_address):
        return _("The answer address in the settings is not an e-mail address.")
    return ""


def _legal_problem(ours: Organisation) -> str:
    """P-04: every mail says who sends it and from where."""
    if not ours.legal_name or not ours.postal_address:
        return _("The legal name and the postal address are missing in the settings; every mail has to carry them.")
    return ""


def _wording(campaign: Campaign, language: str) -> Check:
    name = LANGUAGES.get(language, language)
    missing = questionnaires.latest(campaign.questionnaire).missing(language)
    problem = _("The questionnaire has no complete wording in this language: %(name)s.", name=name) if missing else ""
    return Check("wording", _("Wording: %(name)s", name=name), problem)


def _deadline_problem(campaign: Campaign, start: datetime) -> str:
    first = clock.local_day(start, organisation().timezone)
    if campaign.deadline_on is not None and campaign.deadline_on <= first:
        return _("The day to answer by has to come after the day of sending.")
    return ""
