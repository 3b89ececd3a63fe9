"""What was answered to the further questions of one questionnaire: shares with their intervals, means, words."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, func, select, true
from sqlalchemy.orm import joinedload

from surveys.invitations.models import Campaign
from surveys.lib.db import db
from surveys.lib.i18n import _
from surveys.measures.queries import in_score
from surveys.questionnaires.models import Questionnaire, Version
from surveys.questionnaires.questions import Question
from surveys.questionnaires.wording import fill, values_for
from surveys.reports.queries import Period
from surveys.responses.models import Response
from surveys.scales import Interval, wilson
from surveys.settings.models import Product
from surveys.settings.queries import brand, default_brand, default_product

NEWEST_WORDS = 5
LEAST_SHOWN = 5  # answers; fewer have no shares (M-08)


@dataclass(frozen=True)
class Share:
    """How many chose one thing; `interval` is Wilson's 95 percent, in percent, None when it would mean nothing."""

    label: str
    count: int
    of: int
    interval: Interval | None


@dataclass(frozen=True)
class Reading:
    """One question with its answers: shares for what can be ticked, the newest answers for words."""

    question: Question
    text: str
    is_asked: bool
    n: int
    shares: tuple[Share, ...]
    words: tuple[Response, ...]


@dataclass(frozen=True)
class _Reader:
    """Which answers are read, in which language, with what filled in, and the keys of what is still asked."""

    where: list[ColumnElement[bool]]
    language: str
    values: Mapping[str, str]
    still_asked: Container[str]


def readings(questionnaire: Questionnaire, period: Period, language: str) -> list[Reading]:
    """Every further question that is or was asked, in its order, the newest words of it; two queries, two more a text.

    Words in braces are filled in with the names of all products and brands that were answered about.
    """
    questions = _questions(questionnaire)
    if not questions:
        return []
    where = _answered(questionnaire, period)
    counts = _counts(where, [key for key, each in questions.items() if each[0].choices(language)])
    still = {each.key for each in max(questionnaire.versions, key=lambda version: version.number).further}
    reader = _Reader(where, language, _values(where, language), still)
    return [_reading(each, counts[key], reader) for key, each in questions.items()]


def _questions(questionnaire: Questionnaire) -> dict[str, list[Question]]:
    """By their keys: those asked now first, then those asked before; each with its earlier forms."""
    newest_first = sorted(questionnaire.versions, key=lambda version: -version.number)
    found: dict[str, list[Question]] = {}
    for version in newest_first:
        for each in version.further:
            found.setdefault(each.key, []).append(each)
    return found


def _answered(questionnaire: Questionnaire, period: Period) -> list[ColumnElement[bool]]:
    of_it = select(Version.id).where(Version.questionnaire_id == questionnaire.id)
    return [
        Response.version_id.in_(of_it),
        Response.day >= period.first,
        Response.day <= period.today,
        cast(Response.answers, String) != "{}",
        *in_score(),
    ]


def _values(where: list[ColumnElement[bool]], language: str) -> dict[str, str]:
    """What stands for the words in braces: the names of everything that was asked about, else what is usual."""
    pairs = (
        select(Response.product_id, Campaign.brand_id)
        .join(Campaign, Campaign.id == Response.campaign_id, isouter=True)
        .where(*where)
        .distinct()
    )
    about = [(brand(brand_id), db.session.get_one(Product, product)) for product, brand_id in db.session.execute(pairs)]
    said = [values_for(*each, language) for each in about or [(default_brand(), default_product())]]
    return {name: _(", ").join(sorted({each[name] for each in said})) for name in said[0]}


def _counts(where: list[ColumnElement[bool]], keys: list[str]) -> dict[str, Counter[str]]:
    """How often each mark was chosen, and under "" how many answered, of the questions one can tick."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    of_json = func.json_each if db.engine.dialect.name == "sqlite" else func.json_each_text
    each = of_json(Response.answers).table_valued("key", "value")
    chosen = select(each.c.key, each.c.value, func.count()).select_from(Response).join(each, true())
    rows = db.session.execute(chosen.where(each.c.key.in_(keys), *where).group_by(each.c.key, each.c.value))
    for key, value, number in rows:
        found[key][""] += number
        for mark in _marks(value):
            found[key][mark] += number
    return found


def _marks(value: object) -> list[str]:
    """The marks in a value as the database gives it: one, or a list as JSON."""
    text = str(value)
    return [str(mark) for mark in json.loads(text)] if text.startswith("[") else [text]


def _choices(versions: Sequence[Question], counts: Counter[str], language: str) -> list[tuple[str, str]]:
    """What can be ticked now, and whatever else was ticked when it still could be."""
    found: dict[str, str] = {}
    for each in versions:
        for mark, label in each.choices(language):
            if each is versions[0] or counts[mark]:
                found.setdefault(mark, label)
    return sorted(found.items(), key=lambda choice: int(choice[0]) if versions[0].kind == "scale" else 0)


def _reading(versions: Sequence[Question], counts: Counter[str], reader: _Reader) -> Reading:
    question, language = versions[0], reader.language
    choices = _choices(versions, counts, language)
    words = () if choices else _newest(question.key, reader.where)
    n = counts[""] if choices else _number(question.key, reader.where)
    shares = tuple(
        Share(_named(question, mark, label, language), counts[mark], n, _interval(counts[mark], n))
        for mark, label in choices
    )
    text = fill(question.text(language), reader.values)
    return Reading(question, text, question.key in reader.still_asked, n, shares, words)


def _named(question: Question, mark: str, label: str, language: str) -> str:
    """What was chosen; the first and the last point of a scale with the words that stand there."""
    side = {str(question.low): "low", str(question.high): "high"}.get(mark) if question.kind == "scale" else None
    words = question.end(side, language) if side else ""
    return str(_("%(point)s = %(words)s", point=label, words=words)) if words else label


def _interval(count: int, n: int) -> Interval | None:
    return wilson(count, n) if n >= LEAST_SHOWN else None


def _newest(key: str, where: list[ColumnElement[bool]]) -> tuple[Response, ...]:
    """The newest answers with words to this question."""
    found = (
        select(Response)
        .where(Response.answers[key].as_string().is_not(None), *where)
        .order_by(Response.answered_at.desc(), Response.id.desc())
        .limit(NEWEST_WORDS)
        .options(joinedload(Response.account), joinedload(Response.contact))
    )
    return tuple(db.session.scalars(found))


def _number(key: str, where: list[ColumnElement[bool]]) -> int:
    has_words = Response.answers[key].as_string().is_not(None)
    return db.session.scalar(select(func.count()).select_from(Response).where(has_words, *where)) or 0
