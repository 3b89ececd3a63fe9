"""Answers as a file: CSV for spreadsheets, JSON lines for programs, streamed from one consistent snapshot (R-41)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select, text
from sqlalchemy.orm import aliased

from surveys.auth.models import StaffUser
from surveys.browse.queries import Selection, cases_of, conditions
from surveys.customers.models import Account, Contact
from surveys.invitations.models import Campaign
from surveys.lib import csv
from surveys.lib.db import db
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.responses.models import Response
from surveys.scales import SCALES
from surveys.tags import queries as tags

SLICE = 1000
PROPERTIES_MOST = 100
COLUMNS = (
    "response_id",
    "survey_id",
    "survey_name",
    "metric",
    "polarity",
    "score",
    "segment",
    "comment",
    "language",
    "answered_at",
    "updated_at",
    "source",
    "evidence_grade",
    "excluded_reason",
    "contact_id",
    "email",
    "name",
    "account_id",
    "account_name",
    "tier",
    "phase",
    "mrr",
    "arr",
    "currency",
    "owner_at_send",
    "owner_at_answer",
    "tags",
    "case_id",
    "case_status",
)
_KEYS_SQLITE = "SELECT DISTINCT key FROM contact, json_each(contact.properties) ORDER BY 1 LIMIT :most"
_KEYS_POSTGRESQL = "SELECT DISTINCT json_object_keys(properties) FROM contact ORDER BY 1 LIMIT :most"


def snapshot() -> None:
    """See from here on what was there at this moment, however long the file takes. Begins a new transaction."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def csv_file(selection: Selection, zone: str, *, bom: bool) -> Iterator[bytes]:
    properties = property_names()
    headings = [*COLUMNS, *(f"prop.{name}" for name in properties)]
    rows = ([*row.values(), *(held.get(name) for name in properties)] for row, held in rows_of(selection, zone))
    return csv.stream(headings, rows, bom=bom)


def json_lines(selection: Selection, zone: str) -> Iterator[bytes]:
    for row, held in rows_of(selection, zone):
        yield json.dumps({**row, "properties": held}, ensure_ascii=False, default=csv.cell).encode() + b"\n"


def property_names() -> list[str]:
    """The names of all properties that contacts carry, for columns of their own."""
    statement = _KEYS_SQLITE if db.engine.dialect.name == "sqlite" else _KEYS_POSTGRESQL
    return list(db.session.scalars(text(statement), {"most": PROPERTIES_MOST}))


def rows_of(selection: Selection, zone: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each answer as a row and its contact's properties, oldest first, a slice at a time."""
    after = 0
    while True:
        found = db.session.execute(_slice(selection, zone).where(Response.id > after).limit(SLICE)).all()
        ids = [row.id for row in found]
        tagged, cases = tags.of(ids), cases_of(ids)
        for row in found:
            case = cases.get(row.id)
            state = (case.id, case.state.value) if case else (None, None)
            yield _as_row(row, [tag.name for tag in tagged[row.id]], state), row.properties
        if len(found) < SLICE:
            return
        after = ids[-1]
        db.session.expunge_all()


def newest(campaign_id: int | None, limit: int) -> list[dict[str, Any]]:
    """The newest answers as plain values, for the command line."""
    chosen = _slice(Selection(campaign_id=campaign_id), "UTC").order_by(None)
    rows = db.session.execute(chosen.order_by(Response.answered_at.desc(), Response.id.desc()).limit(limit)).all()
    tagged = tags.of([row.id for row in rows])
    return [
        {
            "id": row.id,
            "kind": row.kind_key,
            "score": row.score,
            "segment": _segment(row),
            "comment": row.comment,
            "email": row.email,
            "account": row.account_name,
            "campaign": row.campaign_name,
            "language": row.language,
            "answered_at": row.answered_at,
            "evidence": row.evidence.value,
            "tags": [tag.name for tag in tagged[row.id]],
        }
        for row in rows
    ]


def _segment(row: Row[Any]) -> str | None:
    """What the field calls the side of this answer: promoter for NPS, good for the others."""
    scale = SCALES.get(row.kind_key)
    return scale.word(scale.segment(row.score)) if scale and row.score is not None else None


def _slice(selection: Selection, zone: str) -> Select[*tuple[Any, ...]]:
    owner, sender = aliased(StaffUser), aliased(StaffUser)
    return (
        select(
            *(Response.id, Response.campaign_id, Response.kind_key, Response.score, Response.segment, Response.comment),
            *(Response.language, Response.answered_at, Response.updated_at, Response.source, Response.evidence),
            *(Response.excluded_reason, Response.contact_id, Response.account_id, Response.tier, Response.phase),
            *(Response.mrr, Response.currency, Kind.direction, Contact.email, Contact.properties),
            Contact.name.label("contact_name"),
            Account.name.label("account_name"),
            Campaign.name.label("campaign_name"),
            Questionnaire.name.label("questionnaire_name"),
            owner.name.label("owner_name"),
            sender.name.label("sender_name"),
        )
        .join(Contact, Contact.id == Response.contact_id)
        .join(Account, Account.id == Response.account_id)
        .join(Kind, Kind.key == Response.kind_key)
        .join(Version, Version.id == Response.version_id)
        .join(Questionnaire, Questionnaire.id == Version.questionnaire_id)
        .outerjoin(Campaign, Campaign.id == Response.campaign_id)
        .outerjoin(owner, owner.id == Response.owner_id)
        .outerjoin(sender, sender.id == Response.owner_at_send_id)
        .where(*conditions(selection, zone))
        .order_by(Response.id)
    )


def _as_row(row: Row[Any], tag_names: list[str], case: tuple[int | None, str | None]) -> dict[str, Any]:
    values = (
        *(row.id, row.campaign_id, row.campaign_name or row.questionnaire_name, row.kind_key, row.direction, row.score),
        _segment(row),
        *(row.comment, row.language, row.answered_at, row.updated_at, row.source.value, row.evidence.value),
        *(row.excluded_reason, row.contact_id, row.email, row.contact_name, row.account_id, row.account_name),
        *(row.tier and row.tier.value, row.phase and row.phase.value, row.mrr),
        *(None if row.mrr is None else row.mrr * 12, row.currency, row.sender_name, row.owner_name),
        *("; ".join(tag_names), *case),
    )
    return dict(zip(COLUMNS, values, strict=True))
