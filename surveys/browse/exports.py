"""Answers as a file: CSV for spreadsheets, JSON lines for programs, streamed from one consistent snapshot (R-41)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, func, null, select, text, type_coerce
from sqlalchemy.orm import aliased

from surveys.auth.models import StaffUser
from surveys.browse.queries import Selection, cases_of, conditions
from surveys.customers.models import Account, Contact
from surveys.invitations.models import Campaign
from surveys.lib import csv
from surveys.lib.db import db
from surveys.lib.i18n import language
from surveys.questionnaires.models import Kind, Questionnaire, Version
from surveys.questionnaires.queries import scales
from surveys.questionnaires.questions import Question, in_words
from surveys.questionnaires.wording import values_for
from surveys.responses.models import Response
from surveys.scales import Scale
from surveys.settings.models import Product
from surveys.settings.queries import brand
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
    "further_answers",
)
_SEGMENT = COLUMNS.index("segment")
_KEYS_SQLITE = "SELECT DISTINCT key FROM contact, json_each(contact.properties) ORDER BY 1 LIMIT :most"
_KEYS_POSTGRESQL = "SELECT DISTINCT json_object_keys(properties) FROM contact ORDER BY 1 LIMIT :most"


def csv_file(selection: Selection, zone: str, *, bom: bool) -> Iterator[bytes]:
    properties = property_names()
    headings = [*COLUMNS, *(f"prop.{name}" for name in properties)]
    rows = ([*row, *(held.get(name) for name in properties)] for row, held in rows_of(selection, zone))
    return csv.stream(headings, rows, bom=bom)


def json_lines(selection: Selection, zone: str) -> Iterator[bytes]:
    for row, held in rows_of(selection, zone):
        held_too = dict(zip(COLUMNS, row, strict=True)) | {"properties": held}
        yield json.dumps(held_too, ensure_ascii=False, default=csv.cell).encode() + b"\n"


def property_names() -> list[str]:
    """The names of all properties that contacts carry, for columns of their own."""
    statement = _KEYS_SQLITE if db.engine.dialect.name == "sqlite" else _KEYS_POSTGRESQL
    return list(db.session.scalars(text(statement), {"most": PROPERTIES_MOST}))


def rows_of(selection: Selection, zone: str) -> Iterator[tuple[Sequence[Any], dict[str, Any]]]:
    """The `COLUMNS` of each answer and its contact's properties, oldest first, a slice at a time."""
    after, known, asked = 0, scales(), _Questions()
    while True:
        found = db.session.execute(_slice(selection, zone).where(Response.id > after).limit(SLICE)).all()
        ids = [row.response_id for row in found]
        tagged, cases = tags.of(ids), cases_of(ids)
        for number, row in zip(ids, found, strict=True):
            *facts, properties, answers, version_id, product_id, brand_id = row
            further = _further(asked[version_id, product_id, brand_id], answers) if answers else None
            facts[_SEGMENT] = _segment(known.get(row.metric), row.score)
            case = cases.get(number)
            about = (case.id, case.state.value) if case else (None, None)
            named = "; ".join(tag.name for tag in tagged[number])
            yield [*facts, named, *about, further], properties
        if len(found) < SLICE:
            return
        after = ids[-1]
        db.session.expunge_all()


def newest(campaign_id: int | None, limit: int) -> list[dict[str, Any]]:
    """The newest answers as plain values, for the command line."""
    chosen = _slice(Selection(campaign_id=campaign_id), "UTC").order_by(None)
    rows = db.session.execute(chosen.order_by(Response.answered_at.desc(), Response.id.desc()).limit(limit)).all()
    tagged, known = tags.of([row.response_id for row in rows]), scales()
    return [
        {
            "id": row.response_id,
            "kind": row.metric,
            "score": row.score,
            "segment": _segment(known.get(row.metric), row.score),
            "comment": row.comment,
            "email": row.email,
            "account": row.account_name,
            "campaign": row.survey_name if row.survey_id else None,
            "language": row.language,
            "answered_at": row.answered_at,
            "evidence": row.evidence_grade,
            "tags": [tag.name for tag in tagged[row.response_id]],
        }
        for row in rows
    ]


def _segment(scale: Scale | None, score: int | None) -> str | None:
    """What the field calls the side of this answer: promoter for NPS, good for the others."""
    return scale.word(scale.segment(score)) if scale and score is not None else None


def _slice(selection: Selection, zone: str) -> Select[*tuple[Any, ...]]:
    """The `COLUMNS` that a row of the database holds, in their order, and the contact's properties."""
    owner, sender = aliased(StaffUser), aliased(StaffUser)
    held: tuple[SQLColumnExpression[Any], ...] = (
        *(Response.id, Response.campaign_id, func.coalesce(Campaign.name, Questionnaire.name), Response.kind_key),
        *(Kind.direction, Response.score, null(), Response.comment, Response.language, Response.answered_at),
        *(Response.updated_at, _text(Response.source), _text(Response.evidence), Response.excluded_reason),
        *(Response.contact_id, Contact.email, Contact.name, Response.account_id, Account.name, _text(Response.tier)),
        *(_text(Response.phase), Response.mrr, Response.mrr * 12, Response.currency, sender.name, owner.name),
    )
    return (
        select(*(column.label(name) for name, column in zip(COLUMNS, held, strict=False)), Contact.properties)
        .add_columns(Response.answers, Response.version_id, Response.product_id, Campaign.brand_id)
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


class _Asked(NamedTuple):
    """The further questions of a version, and what stands for the words in braces."""

    questions: Sequence[Question]
    values: dict[str, str]


class _Questions(dict[tuple[int, int, int | None], _Asked]):
    """What was asked, by version, product and brand: the session forgets each row as soon as nobody holds it."""

    def __missing__(self, key: tuple[int, int, int | None]) -> _Asked:
        version_id, product_id, brand_id = key
        product = db.session.get_one(Product, product_id)
        questions = db.session.get_one(Version, version_id).further
        asked = self[key] = _Asked(questions, values_for(brand(brand_id), product, language()))
        return asked


def _further(asked: _Asked, answers: dict[str, Any]) -> str:
    """The further questions with their answers, one a line, in the language of whoever exports."""
    said = in_words(asked.questions, answers, language(), asked.values)
    return "\n".join(f"{question} {answer}" for question, answer in said)


def _text(word: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """A word of ours as it is stored."""
    return type_coerce(word, String)
