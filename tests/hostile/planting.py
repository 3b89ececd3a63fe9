"""Puts a text into every field of every table that holds words of people, beside what stands there.

Which columns hold words follows from the schema: every text, and every text inside JSON, but for those listed here with
the reason why nobody can write into them. A new column is planted from the day it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import JSON, Column, Enum, LargeBinary, String, Table, select, update

from surveys.lib.db import Base, db

Change = Callable[[str], str]

# Nobody's words: made by us or held against a list before they are stored.
NOT_WORDS: Final = {
    "an address of mail, read and written anew by our own parser": """
        brand.sender_address brand.reply_address contact.email contact.email_key staff_user.email import_contact.email
        import_contact.email_key import_contact.old_email invitation.email_key message.to_address message.address_key
        message.sender suppression.address_key
    """,
    "a key, a hash or a number that we made": """
        attempt.key brand.logo brand_logo.digest kind.key mailbox_mail.message_id message.message_id
        one_time_link.token_hash one_time_link.seed organisation.address_mark organisation.setup_code product.key
        questionnaire.key staff_session.token_hash staff_session.network staff_user.password_hash tag.key
        campaign.approved_print open_answer.network response_change.nonce import_run.claimed_by message.claimed_by
        job_run.name
    """,
    "the form in which names are compared; never shown": """
        account.name_key import_account.name_key import_account.ref import_contact.ref import_contract.ref
    """,
    "one of a few words of ours": """
        brand.colour case_entry.name contact.language contact.unreachable contract.currency event.kind
        event.subject_kind followup_case.cause followup_case.outcome followup_case.reason import_contact.language
        import_contact.unreachable import_contract.currency import_problem.code invitation.held_rule
        invitation.kind_key invitation.language kind.direction kind.headline kind.segments measure.kind_key
        measure.language measure.tier message.kind message.phase message.rule open_answer.doubts open_answer.language
        open_link.language organisation.locale organisation.timezone questionnaire.asks_contact
        questionnaire.kind_key response.currency response.kind_key response.language response.quarantine
        sample_mail.language staff_user.locale suppression.source account_fact.value import_account.given
    """,
    "numbers by words of ours": """
        followup_case.terms import_run.counts organisation.first_contact_hours organisation.weights
        response_change.facts
    """,
}
# Saying something here means something: that it does not count.
ONLY_BESIDE_WORDS: Final = {"open_answer.excluded_reason", "response.excluded_reason"}
EXCLUDED: Final = {name for names in NOT_WORDS.values() for name in names.split()}


def leaves(value: Any, change: Change, *, keys: bool = False) -> Any:
    """All texts inside; with `keys` those that name others, too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [leaves(each, change, keys=keys) for each in value]
    if isinstance(value, dict):
        return {change(name) if keys else name: leaves(each, change, keys=keys) for name, each in value.items()}
    return value


def at(*names: str) -> Callable[[Any, Change], Any]:
    """The texts beneath these names, wherever they stand."""

    def inside(value: Any, change: Change) -> Any:
        if isinstance(value, list):
            return [inside(each, change) for each in value]
        if not isinstance(value, dict):
            return value
        return {name: leaves(each, change) if name in names else inside(each, change) for name, each in value.items()}

    return inside


def properties(value: Any, change: Change) -> Any:
    """What a list calls its columns is as foreign as what stands in them."""
    return leaves(value, change, keys=True)


def changes(value: Any, change: Change) -> Any:
    """From what to what, by our names of fields; properties by theirs."""
    called = {name: name.partition("property:") for name in value}
    named = {
        f"{start}{mark}{change(rest)}" if mark else name: value[name] for name, (start, mark, rest) in called.items()
    }
    return leaves(named, change)


IN_JSON: Final[dict[str, Callable[[Any, Change], Any]]] = {
    "account.properties": properties,
    "campaign.audience": at("properties"),
    "case_entry.data": at("why"),
    "contact.properties": properties,
    "contact_news.texts": leaves,
    "event.data": at("why", "name"),
    "import_account.changes": changes,
    "import_account.properties": properties,
    "import_contact.changes": changes,
    "import_contact.properties": properties,
    "import_problem.values": at("value", "other"),
    "import_run.failure": at("encoding"),
    "import_run.mapping": at("headings", "sample"),
    "invitation.held_reason": at("words"),
    "open_answer.answers": at("q5"),
    "organisation.offer_hosts": lambda value, change: [*value, *(change(each) for each in value)],
    "questionnaire.offers": at("texts"),
    "questionnaire_version.questions": at("words"),
    "questionnaire_version.wording": leaves,
    "response.answers": at("q5"),
    "response_change.answers": at("q5"),
}


def name_of(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def fields() -> Iterator[Column[Any]]:
    """Every column with texts, in JSON or not."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            is_text = isinstance(column.type, String) and not isinstance(column.type, Enum | LargeBinary)
            if is_text or isinstance(column.type, JSON):
                yield column


def plant(text: str, *, after: bool = True) -> dict[str, str]:
    """Put this text into every field, after what stands there or before; each field adds its number.

    The fields by their marks: where a mark is shown, the field is.
    """
    marks: dict[str, str] = {}
    for number, column in enumerate(column for column in fields() if name_of(column) not in EXCLUDED):
        mark = f"field{number:03}."
        added = f"{text}{mark}"
        marks[mark] = name_of(column)
        _write(column, lambda kept, added=added: f"{kept} {added}" if after else f"{added} {kept}")
    db.session.commit()
    db.session.expire_all()
    return marks


def _write(column: Column[Any], change: Change) -> None:
    table, inside = column.table, IN_JSON.get(name_of(column), leaves)
    assert isinstance(table, Table)
    keys = list(table.primary_key.columns)
    for row in db.session.execute(select(*keys, column)).all():
        *key, value = row
        if value is None or (value == "" and name_of(column) in ONLY_BESIDE_WORDS):
            continue
        here = [each == part for each, part in zip(keys, key, strict=True)]
        db.session.execute(update(table).where(*here).values({column: inside(value, change)}))
