"""Rows for tests: each makes what it needs besides, takes any column by name, and commits."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any, TypeVar

from flask.testing import FlaskClient
from sqlalchemy import select

from surveys.auth.models import StaffSession, StaffUser
from surveys.customers.models import Account, Contact
from surveys.followups.models import Case, CaseResponse, Lane
from surveys.invitations.models import Campaign, Invitation, Outcome
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import Base, db
from surveys.lib.tokens import fingerprint
from surveys.questionnaires import actions as questionnaires
from surveys.questionnaires.models import Questionnaire, Version
from surveys.responses.models import Response, Segment
from surveys.settings import actions as settings
from surveys.settings.models import Brand
from surveys.settings.queries import default_brand, default_product, organisation
from surveys.tags.models import Tag

Row = TypeVar("Row", bound=Base)
_numbers = count(1)


def make_ready() -> None:
    """What every installation starts with, and the facts without which nothing may be sent."""
    settings.ensure_ready(locale="en", timezone="Asia/Tokyo")
    questionnaires.ensure_ready()
    ours, brand = organisation(), default_brand()
    for named in (ours, brand):
        named.name, named.name_ja = "Minato Time", "ミナト勤怠"
    brand.legal_name, brand.postal_address = "Minato Time K.K.", "1-2-3 Kaigan, Minato-ku, Tokyo"
    brand.sender_name, brand.sender_address = "Yui Sato", "voice@minato.example.com"
    brand.reply_address = "success@minato.example.com"
    ours.set_up_at = clock.now()


def save(row: Row) -> Row:
    db.session.add(row)
    db.session.commit()
    return row


def make_user(**values: Any) -> StaffUser:
    number = next(_numbers)
    defaults = {
        "email": f"staff{number}@example.com",
        "name": f"Staff {number}",
        "role": Role.AGENT,
        "created_at": clock.now(),
    }
    return save(StaffUser(**{**defaults, **values}))


def log_in(client: FlaskClient, user: StaffUser) -> None:
    """Give this browser a session, as if it had just logged in."""
    number = f"session-{next(_numbers)}-0123456789abcdef0123456789abcdef"
    now = clock.now()
    save(StaffSession(token_hash=fingerprint(number), user_id=user.id, created_at=now, seen_at=now))
    with client.session_transaction() as session:
        session["sid"] = number


def make_account(**values: Any) -> Account:
    return save(Account(**{"name": f"Account {next(_numbers)}", **values}))


def make_contact(**values: Any) -> Contact:
    number = next(_numbers)
    email = values.pop("email", f"person{number}@customer.example.com")
    account = values.pop("account", None) or make_account()
    defaults = {"name": f"Person {number}", "language": "en"}
    return save(Contact(**{**defaults, "email": email, "email_key": email.lower(), "account": account, **values}))


def questionnaire(key: str = "nps-default") -> Questionnaire:
    return db.session.scalars(select(Questionnaire).where(Questionnaire.key == key)).one()


def newest(of: Questionnaire) -> Version:
    return of.versions[-1]


def make_brand(**values: Any) -> Brand:
    """A further brand with all that mails need."""
    number = next(_numbers)
    said = {"name": f"Brand {number}", "legal_name": "Second K.K.", "postal_address": "4-5-6 Ginza, Tokyo"}
    sends = {"sender_name": "Ren Abe", "sender_address": f"voice@brand{number}.example.com"}
    return save(Brand(**{**said, **sends, **values}))


def make_campaign(*, key: str = "nps-default", **values: Any) -> Campaign:
    asked = questionnaire(key)
    defaults = {
        "name": f"Campaign {next(_numbers)}",
        "questionnaire": asked,
        "version": newest(asked),
        "product": default_product(),
        "brand": default_brand(),
        "created_at": clock.now(),
    }
    return save(Campaign(**{**defaults, **values}))


def make_invitation(**values: Any) -> Invitation:
    """One that was sent an hour ago, unless told otherwise."""
    contact = values.pop("contact", None) or make_contact()
    campaign = values.pop("campaign", None) or make_campaign()
    version = values.pop("version", None) or campaign.version or newest(campaign.questionnaire)
    now = clock.now()
    defaults = {
        "campaign": campaign,
        "contact": contact,
        "account_id": contact.account_id,
        "email_key": contact.email_key,
        "language": contact.language,
        "version": version,
        "product_id": campaign.product_id,
        "kind_key": campaign.questionnaire.kind_key,
        "outcome": Outcome.SENT,
        "created_at": now - timedelta(hours=1),
        "sent_at": now - timedelta(hours=1),
        "closes_at": now + timedelta(days=90),
    }
    return save(Invitation(**{**defaults, **values}))


def make_response(score: int | None = 9, **values: Any) -> Response:
    """An answer as a row, without triage and counts; for those, answer through `intake.actions.receive`."""
    invitation = values.pop("invitation", None) or make_invitation(**_taken(values, "contact", "campaign"))
    kind = invitation.campaign.questionnaire.kind
    now = values.get("answered_at", clock.now())
    defaults = {
        "invitation": invitation,
        "campaign_id": invitation.campaign_id,
        "contact_id": invitation.contact_id,
        "account_id": invitation.account_id,
        "version_id": invitation.version_id,
        "kind_key": kind.key,
        "product_id": invitation.product_id,
        "score": score,
        "segment": _segment(kind.segments, score),
        "language": invitation.language,
        "answered_at": now,
        "updated_at": now,
        "day": clock.local_day(now, organisation().timezone),
        "tier": invitation.contact.account.tier,
        "phase": invitation.contact.account.phase,
        "role": invitation.contact.role,
    }
    return save(Response(**{**defaults, **values}))


def make_case(**values: Any) -> Case:
    """An open case, with the answer that opened it unless `responses` says otherwise."""
    given = values.pop("responses", None)
    contact = values.pop("contact", None) or (given[0].contact if given else make_contact())
    answers = given if given is not None else [make_response(2, contact=contact)]
    now = clock.now()
    defaults = {
        "contact_id": contact.id,
        "account_id": contact.account_id,
        "reason": "very_low",
        "opened_at": now,
        "due_at": now + timedelta(hours=4) if values.get("lane", Lane.CASE) is Lane.CASE else None,
    }
    case = save(Case(**{**defaults, **values}))
    for answer in answers:
        db.session.add(CaseResponse(case_id=case.id, response_id=answer.id))
    db.session.commit()
    return case


def make_tag(name: str = "", **values: Any) -> Tag:
    name = name or f"Tag {next(_numbers)}"
    return save(Tag(**{"name": name, "key": name.casefold(), **values}))


def _segment(segments: dict[str, Any], score: int | None) -> Segment | None:
    if score is None:
        return None
    return next((Segment(name) for name, (low, high) in segments.items() if low <= score <= high), None)


def _taken(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values.pop(name) for name in names if name in values}
