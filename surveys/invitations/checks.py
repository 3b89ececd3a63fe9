"""What is looked at before a campaign may go: what stops it, and what is worth another look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from surveys.invitations import approval, queries, reading
from surveys.invitations.models import Campaign
from surveys.lib import addresses, clock
from surveys.lib.errors import Refused
from surveys.lib.i18n import LANGUAGES, _
from surveys.lib.links import is_web
from surveys.lib.process import config
from surveys.questionnaires import queries as questionnaires
from surveys.questionnaires.models import Version
from surveys.settings.models import Brand
from surveys.settings.queries import organisation

MINUTE = timedelta(minutes=1)  # a form knows no seconds: the minute that runs is now
LATEST = timedelta(days=365)  # how far ahead a campaign may be scheduled


@dataclass(frozen=True)
class Check:
    """One line of the list: what was looked at, and what is wrong with it when something is.

    A `problem` stops the campaign until it is mended, a `doubt` does not. `subject` says where it is mended.
    """

    subject: str
    title: str
    problem: str = ""
    doubt: str = ""
    language: str = ""


def before_sending(campaign: Campaign, people: int, *, at: datetime | None = None) -> Iterator[Check]:
    """Everything that is looked at before the first mail leaves, in the order of the page."""
    brand, version = campaign.brand, questionnaires.latest(campaign.questionnaire)
    spoken = [code for code in LANGUAGES if code in queries.audience_languages(campaign.audience)]
    yield Check("audience", _("Somebody is asked"), "" if people else _("Nobody matches this audience."))
    yield Check("sender", _("Sender and answer address"), _sender_problem(brand))
    yield Check("sender", _("Legal name and postal address"), _legal_problem(brand))
    for language in spoken:
        yield _wording(campaign, language)
    if spoken and not _sender_problem(brand):
        yield from _mails(brand, [reading.written(campaign, version, language) for language in spoken])
    if spoken:  # else nothing was looked at, and nothing is in order
        yield from _said(version, brand, spoken)
    yield Check("deadline", _("Time to answer"), _deadline_problem(campaign, max(at or clock.now(), clock.now())))
    if approval.is_asked_for():
        yield Check("approval", _("A second person's approval"), approval.problem(campaign))


def refuse_without_sender(brand: Brand) -> None:
    """A test mail needs a sender, but not the rest."""
    if problem := _sender_problem(brand):
        raise Refused(problem)


def moment_problem(at: datetime) -> str:
    """What is wrong with a moment to send at; its year may be any."""
    now = clock.now()
    if at < now - MINUTE:
        return _("This moment is past. Please choose a later one, or send now.")
    return _("Please choose a moment within a year from now.") if at > now + LATEST else ""


def window(people: int) -> timedelta:
    """How long so large a campaign can be taken back before its first mail leaves."""
    ours = organisation()
    return timedelta(minutes=ours.cancel_minutes) if people > ours.cancel_above else timedelta(0)


# ── Who sends it ────────────────────────────────────────────────────────────────────────────────────────────────────


def _sender_problem(brand: Brand) -> str:
    if brand.archived_at is not None:
        return _("The brand %(name)s is archived. Use it again, or choose another one.", name=brand.name)
    if not brand.sender_name or not addresses.is_usable(brand.sender_address):
        return _("The sender's name and address are missing in the settings.")
    if brand.reply_address and not addresses.is_usable(brand.reply_address):
        return _("The answer address in the settings is not an e-mail address.")
    return ""


def _legal_problem(brand: Brand) -> str:
    """P-04: every mail says who sends it and from where."""
    if not brand.legal_name or not brand.postal_address:
        return _("The legal name and the postal address are missing in the settings; every mail has to carry them.")
    return ""


# ── What it says ────────────────────────────────────────────────────────────────────────────────────────────────────


def _wording(campaign: Campaign, language: str) -> Check:
    name = LANGUAGES.get(language, language)
    missing = questionnaires.latest(campaign.questionnaire).missing(language)
    problem = _("The questionnaire has no complete wording in this language: %(name)s.", name=name) if missing else ""
    return Check("wording", _("Wording: %(name)s", name=name), problem, language=language)


def _said(version: Version, brand: Brand, spoken: list[str]) -> Iterator[Check]:
    """What was typed by staff: where it leads, and whether it advertises (X-08, P-02)."""
    texts = [text for language in spoken for text in reading.texts_in(version.texts(language))]
    texts += [text for language in spoken for each in version.further for text in each.said_in(language)]
    texts += [brand.signature, brand.signature_ja]
    foreign = reading.foreign_links(texts, brand, config().public_url, organisation().offer_hosts)
    promotion = reading.promotion_words(texts)
    yield Check(
        "wording",
        _("Links in the wording"),
        doubt=_("They lead to somebody else's site: %(links)s. Is that meant?", links=_listed(foreign))
        if foreign
        else "",
    )
    yield Check(
        "wording",
        _("No advertising"),
        doubt=_(
            "This reads like an advertisement: %(words)s. A mail that advertises may only go to people who agreed to "
            "get one. Reword it, or make sure that all of them did.",
            words=_listed(promotion),
        )
        if promotion
        else "",
    )


def _listed(words: list[str], most: int = 5) -> str:
    shown = _(", ").join(words[:most])
    return f"{shown} …" if len(words) > most else shown


# ── The mail itself ─────────────────────────────────────────────────────────────────────────────────────────────────


def _mails(brand: Brand, mails: list[reading.Written]) -> Iterator[Check]:
    flaws = [f"{LANGUAGES[mail.language]}: {mail.flaw}" for mail in mails if mail.flaw]
    built = [mail for mail in mails if not mail.flaw]
    if flaws:
        yield Check("sender", _("The mail can be written"), _("It cannot be written: %(why)s", why=" · ".join(flaws)))
    yield Check("wording", _("Way to unsubscribe"), _way_out_problem(built))
    left_out = {address for address in (brand.contact_url, brand.privacy_url) if address and not is_web(address)}
    broken = sorted(left_out.union(*(reading.broken_links(mail.html, config().public_url) for mail in built)))
    yield Check(
        "sender",
        _("Links of the mail"),
        _("They cannot be opened from a mail, or not safely: %(links)s.", links=_listed(broken)) if broken else "",
    )
    yield _weight(max((len(mail.html.encode()) for mail in built), default=0))


def _way_out_problem(mails: list[reading.Written]) -> str:
    """Both headers of RFC 8058, and the link in both parts."""
    for mail in mails:
        if f"<{mail.opt_out}>" not in mail.headers or "List-Unsubscribe=One-Click" not in mail.headers:
            return _("Mail programs would show no button to unsubscribe.")
        if mail.opt_out not in mail.text or mail.opt_out not in mail.html:
            return _("The link to unsubscribe is missing in the mail.")
    return ""


def _weight(size: int) -> Check:
    title = _("Weight of the mail: %(size)s kB", size=-(-size // 1000))
    if size > reading.HEAVIEST:
        return Check("wording", title, _("Mail programs cut it off. Please shorten the letter and the signature."))
    doubt = _("It is heavier than usual: phones load it slowly. Shorten the letter or the signature.")
    return Check("wording", title, doubt=doubt if size > reading.LIGHT else "")


def _deadline_problem(campaign: Campaign, start: datetime) -> str:
    first = clock.local_day(start, organisation().timezone)
    if campaign.deadline_on is not None and campaign.deadline_on <= first:
        return _("The day to answer by has to come after the day of sending.")
    return ""
