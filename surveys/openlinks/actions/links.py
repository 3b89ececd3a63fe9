"""Making and changing open links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select

from surveys.events.actions import note
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Invalid, Refused
from surveys.lib.i18n import _
from surveys.openlinks import queries
from surveys.openlinks.models import Mode, OpenLink
from surveys.questionnaires import queries as questionnaires
from surveys.questionnaires.models import Version
from surveys.settings.models import Brand, Product
from surveys.settings.queries import default_brand, default_product


class _Actor(Protocol):
    id: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What staff say of a link."""

    name: str
    questionnaire: str
    product: Product | None = None
    brand: Brand | None = None
    mode: Mode = Mode.LINK
    language: str = ""
    expected: int | None = None
    opens_on: date | None = None
    closes_on: date | None = None


def create(plan: Plan, *, by: _Actor | None = None) -> OpenLink:
    link = OpenLink(created_at=clock.now(), created_by_id=by.id if by else None)
    _arrange(link, plan)
    _speak(link, questionnaires.latest(link.questionnaire))
    db.session.add(link)
    db.session.flush()
    note("open_link_created", link, by=by)
    return link


def change(link: OpenLink, plan: Plan, *, by: _Actor | None = None) -> None:
    """Say anew what it is; its question stays, or its numbers would be of two questions."""
    if plan.questionnaire != link.questionnaire.key and queries.numbers(link).n:
        raise Invalid(_("There are answers to its present question. Please make another open link for the new one."))
    before = link.questionnaire_id
    _arrange(link, plan)
    if link.questionnaire.id != before:
        _speak(link, questionnaires.latest(link.questionnaire))
    db.session.flush()
    note("open_link_changed", link, by=by)


def take_newest_words(link: OpenLink, *, by: _Actor | None = None) -> Version:
    """Ask in the present words of the questionnaire from now on; what was answered keeps its own (S-34)."""
    newer = queries.newer_version(link)
    if newer is None:
        raise Refused(_("People see the newest words already."))
    _speak(link, newer)
    db.session.flush()
    note("open_link_reworded", link, by=by, version=newer.number)
    return newer


def renew_address(link: OpenLink, *, by: _Actor | None = None) -> None:
    """Shut the present address, also on paper, and open another one."""
    link.edition += 1
    db.session.flush()
    note("open_link_readdressed", link, by=by, edition=link.edition)


def archive(link: OpenLink, *, by: _Actor | None = None) -> None:
    link.archive()
    note("open_link_archived", link, by=by)


def restore(link: OpenLink, *, by: _Actor | None = None) -> None:
    link.restore()
    note("open_link_restored", link, by=by)


def _arrange(link: OpenLink, plan: Plan) -> None:
    link.name = _free_name(plan.name, link)
    link.questionnaire = questionnaires.by_key(plan.questionnaire)
    link.product = plan.product or default_product()
    link.brand = plan.brand or default_brand()
    link.mode, link.language = plan.mode, plan.language
    link.expected = plan.expected if plan.mode is Mode.SEMINAR else None
    link.opens_on, link.closes_on = plan.opens_on, plan.closes_on


def _free_name(name: str, link: OpenLink) -> str:
    name = " ".join(name.split())
    taken = db.session.scalar(select(OpenLink.id).where(OpenLink.name == name))
    if taken is not None and taken != link.id:
        raise Invalid(_("There is an open link “%(name)s” already.", name=name))
    return name


def _speak(link: OpenLink, version: Version) -> None:
    """From the first printed sheet on, these words stay what they are."""
    version.freeze()
    link.version = version
