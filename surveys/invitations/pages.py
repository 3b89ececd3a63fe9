"""What the pages of the campaigns say and show, put together for their templates."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import request

from surveys.invitations import approval, checks, intents, letters, queries, reasons
from surveys.invitations.models import Campaign, CampaignState, Outcome
from surveys.invitations.queries import Counts
from surveys.lib import clock, dates, labels
from surveys.lib.access import Permission, current_user, may
from surveys.lib.db import db
from surveys.lib.i18n import LANGUAGES, _, language, ngettext
from surveys.scales import rounded
from surveys.settings.queries import organisation

FRESH_ANSWERS = 5
SOON = timedelta(hours=1)
STATES = {
    CampaignState.DRAFT: lambda: _("Draft"),
    CampaignState.SCHEDULED: lambda: _("Scheduled"),
    CampaignState.SENDING: lambda: _("Sending"),
    CampaignState.FINISHED: lambda: _("Finished"),
    CampaignState.CANCELLED: lambda: _("Stopped"),
}


def state(campaign: Campaign) -> str:
    return str(STATES[campaign.state]())


def people(number: int) -> str:
    return str(ngettext("%(num)s person", "%(num)s people", number))


def outcome(value: Outcome) -> str:
    return labels.word(labels.OUTCOMES, value)


def sentence(campaign: Campaign, counts: Counts) -> str:
    """Where a campaign stands, in one sentence."""
    if campaign.is_draft:
        return _("For %(people)s", people=people(counts.audience))
    if campaign.state is CampaignState.SCHEDULED:
        return _("Goes to %(people)s: %(when)s", people=people(counts.audience), when=_when(campaign.starts_at))
    sent = _("Sent %(sent)s of %(all)s", sent=dates.number(counts.sent), all=dates.number(counts.audience))
    return " · ".join([sent, *_the_rest(counts), *_answers(campaign, counts)])


def _when(moment: datetime | None) -> str:
    return dates.moment(moment, organisation().timezone) if moment else "–"


def _the_rest(counts: Counts) -> list[str]:
    parts = (
        (counts.held, _("%(number)s held", number=dates.number(counts.held))),
        (counts.failed, _("%(number)s failed", number=dates.number(counts.failed))),
        (counts.unknown, _("%(number)s unknown", number=dates.number(counts.unknown))),
        (counts.open, _("%(number)s open", number=dates.number(counts.open))),
    )
    return [words for number, words in parts if number]


def _answers(campaign: Campaign, counts: Counts) -> list[str]:
    """Answers with their share of what was delivered; "so far" while people still have time (M-30)."""
    if counts.rate is None:
        return []
    number, share = dates.number(counts.answered), f"{rounded(counts.rate)}%"
    if is_open(campaign):
        return [_("%(number)s answered (%(share)s of delivered so far)", number=number, share=share)]
    return [_("%(number)s answered (%(share)s of delivered)", number=number, share=share)]


def is_open(campaign: Campaign) -> bool:
    """Whether those who were asked still have time to answer."""
    return campaign.deadline_on is not None and campaign.deadline_on >= clock.today(organisation().timezone)


def launched(campaign: Campaign) -> str:
    """What happens now, after the button was pressed."""
    counts = queries.counts(campaign)
    starts = campaign.starts_at
    if starts and starts > clock.now():
        return _(
            "%(people)s will be asked: %(when)s. Until then you can take it back.",
            people=people(counts.audience),
            when=_when(starts),
        )
    return _("It goes to %(people)s now.", people=people(counts.audience))


def draft(campaign: Campaign) -> dict[str, Any]:
    """A draft with everything one looks at before sending."""
    number = queries.audience_size(campaign.audience)
    listed = list(checks.before_sending(campaign, number))
    code = _chosen_language(campaign)
    may_see_names = may(current_user(), Permission.CONTACT_DETAILS)
    written = letters.sample(
        campaign, code, contact=queries.somebody(campaign.audience, code) if may_see_names else None
    )
    return {
        "campaign": campaign,
        "people": number,
        "languages": queries.audience_languages(campaign.audience),
        "audience": audience(campaign),
        "checks": listed,
        "is_ready": not any(check.problem for check in listed),
        "deadline": campaign.deadline_on or letters.usual_deadline(clock.now()),
        "window": int(checks.window(number).total_seconds() // 60),
        "code": code,
        "subject": written.subject,
        "text": written.text,
        "words": people,
        "approval": _approval(campaign),
    }


def _approval(campaign: Campaign) -> dict[str, Any] | None:
    """Where the second person's approval stands, where one is asked for."""
    if not approval.is_asked_for():
        return None
    return {
        "holds": approval.holds(campaign),
        "problem": approval.problem(campaign),
        "seen": approval.print_of(campaign),
        "hands": [(hand.user.name, _parts(hand.parts)) for hand in approval.hands(campaign)],
        "approvers": approval.approvers(campaign),
    }


def _parts(names: tuple[str, ...]) -> str:
    """What somebody had a hand in."""
    words = {"campaign": _("the campaign"), "questionnaire": _("the questionnaire"), "brand": _("the brand")}
    return _(", ").join(words[name] for name in names)


def _chosen_language(campaign: Campaign) -> str:
    """The language asked for, else the one that most of the audience reads."""
    asked = request.args.get("language", "")
    spoken = queries.audience_languages(campaign.audience)
    usual = max((code for code in spoken if code in LANGUAGES), key=lambda code: spoken[code], default=language())
    return asked if asked in LANGUAGES else usual


def audience(campaign: Campaign) -> list[tuple[str, str]]:
    """The filters of an audience as names and values."""
    titles = {"tier": _("Tier"), "phase": _("Phase"), "role": _("Role"), "language": _("Language")}
    names = {"tier": labels.TIERS, "phase": labels.PHASES, "role": labels.CONTACT_ROLES, "language": LANGUAGES}
    chosen = campaign.audience
    found = [(titles[key], _listed([names[key][each] for each in chosen[key]])) for key in titles if chosen.get(key)]
    found += [(name, str(value)) for name, value in chosen.get("properties", {}).items()]
    if "contact_ids" in chosen:
        found.append((_("Chosen one by one"), people(len(chosen["contact_ids"]))))
    return found


def _listed(words: list[Any]) -> str:
    return _(", ").join(str(word) for word in words)


def report(campaign: Campaign) -> dict[str, Any]:
    """What became of everybody."""
    counts = queries.counts(campaign)
    starts = campaign.starts_at
    return {
        "campaign": campaign,
        "standing": counts,
        "sentence": sentence(campaign, counts),
        "state": state(campaign),
        "audience": audience(campaign),
        "ledger": [(line, reasons.title(line.rule)) for line in queries.ledger(campaign)],
        "fresh": list(db.session.scalars(queries.answered(campaign).limit(FRESH_ANSWERS))),
        "starts_at": starts if campaign.state is CampaignState.SCHEDULED else None,
        "is_moving": is_moving(campaign),
        "rate": counts.rate,
        "is_open": is_open(campaign),
        "opened": opened(intents.count(campaign)),
    }


def opened(number: int) -> str:
    """At how many addresses a score link was fetched; by whom, nobody can say (E-22)."""
    if not number:
        return ""
    words = ngettext(
        "%(num)s address where a score link was opened (person or machine). This counts nowhere.",
        "%(num)s addresses where a score link was opened (person or machine). This counts nowhere.",
        number,
    )
    return str(words)


def is_moving(campaign: Campaign) -> bool:
    """Whether its numbers change while one looks at them."""
    if campaign.state is CampaignState.SCHEDULED:
        return campaign.starts_at is not None and campaign.starts_at < clock.now() + SOON
    return campaign.state is not CampaignState.DRAFT and campaign.finished_at is None


def reason(invitation: Any) -> str:
    """Why somebody was held, or what the mail server said."""
    return reasons.sentence(invitation) if invitation.outcome is Outcome.HELD else invitation.failure
