"""The demo company: made in one go, shown with its log-ins, and removed for good with one press."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from sqlalchemy import delete, func, select

from surveys.auth.passwords import hashed
from surveys.customers.models import Account, Contract
from surveys.demo import desk, further, mailing, seminar, story, world
from surveys.demo.comments import CSV
from surveys.demo.world import STAFF, World
from surveys.lib import clock, tokens
from surveys.lib.db import Base, db
from surveys.lib.errors import Refused
from surveys.lib.i18n import _
from surveys.lib.process import config
from surveys.questionnaires import actions as questionnaires
from surveys.responses.models import Response
from surveys.search import actions as search
from surveys.settings import actions as settings
from surveys.settings.queries import organisation
from surveys.tags.models import ResponseTag

SEED = 20260630
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of the file
CSV_VOICES, CSV_ACCOUNTS, CSV_REVENUE = 23, 14, 3_100_000


def seed() -> None:
    """Fill an empty installation with the demo company. Commits on its way, as the worker would have."""
    if organisation().is_demo and organisation().set_up_at is None:
        remove()  # what is there was left by a start that somebody interrupted
        db.session.commit()
    if db.session.scalar(select(func.count()).select_from(Account)):
        raise Refused(_("There are customers here already; the demo only fills an empty installation."))
    there = world.build(organisation(), seed=SEED)
    secret = hashed(password())
    for user in there.staff.values():
        user.password_hash = secret
    further.ask()
    db.session.commit()
    told = story.tell(there)
    desk.set_the_scene(told)
    _let_csv_stand_out(there)
    seminar.hold(told)
    mailing.fill_mailbox()
    organisation().set_up_at = clock.now()
    db.session.commit()


def log_ins() -> Iterator[str]:
    """One log-in a role, as they stand on the console."""
    yield "Log-ins of the demo (all with the same password):"
    shown = set()
    for role, key, *_rest in STAFF:
        if role not in shown:
            shown.add(role)
            yield f"  {role.value:<8} {key}@{world.DOMAIN:<22} {password()}"


def password() -> str:
    """The demo's password: made once for each installation, so that a forgotten demo opens nothing."""
    path = config().data_dir / PASSWORD_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"minato-{secrets.token_hex(4)}-demo")
    return path.read_text().strip()


def remove() -> None:
    """Take everything of the demo away and stand as on the first day; the caller commits.

    Row numbers may begin again at 1: no link of the demo may open what comes to stand there.
    """
    if not organisation().is_demo:
        raise Refused(_("This is no demo: nothing was removed."))
    ours = organisation()
    locale, timezone, revision = ours.locale, ours.timezone, ours.revision
    search.forget_all()
    for table in reversed(Base.metadata.sorted_tables):
        db.session.execute(delete(table))
    db.session.expunge_all()
    (config().data_dir / PASSWORD_FILE).unlink(missing_ok=True)
    tokens.forget_signed()
    settings.ensure_ready(locale=locale, timezone=timezone)
    organisation().revision = revision + 1  # what other processes keep by this number is the demo's
    questionnaires.ensure_ready()
    db.session.flush()


def _let_csv_stand_out(there: World) -> None:
    """One tag with 23 voices from 14 accounts and ¥3.1 M a month behind them."""
    tag = there.tags[CSV]
    tagged = db.session.execute(
        select(Response.id, Response.account_id)
        .join(ResponseTag, ResponseTag.response_id == Response.id)
        .join(Contract, (Contract.account_id == Response.account_id) & (Contract.currency == "JPY"))
        .where(ResponseTag.tag_id == tag.id)
        .order_by(Response.id.desc())
    ).all()
    accounts = list(dict.fromkeys(account_id for _, account_id in tagged))[:CSV_ACCOUNTS]
    voices = [number for number, account_id in tagged if account_id in accounts][:CSV_VOICES]
    voices += _more_voices(accounts, voices)
    db.session.execute(delete(ResponseTag).where(ResponseTag.tag_id == tag.id))
    by = there.staff["product"].id
    about = db.session.scalars(select(Response).where(Response.id.in_(voices)))
    db.session.add_all([ResponseTag.on(response, tag.id, by_id=by) for response in about])
    _set_revenue(accounts)


def _more_voices(accounts: list[int], voices: list[int]) -> list[int]:
    """Answers with words of the same accounts, when fewer than wanted speak of it."""
    missing = CSV_VOICES - len(voices)
    if missing <= 0:
        return []
    found = select(Response.id).where(
        Response.account_id.in_(accounts), Response.id.not_in(voices), Response.comment.contains("CSV")
    )
    return list(db.session.scalars(found.order_by(Response.id.desc()).limit(missing)))


def _set_revenue(account_ids: list[int]) -> None:
    """Let the contracts of these accounts add up; the largest one takes the difference."""
    contracts = list(db.session.scalars(select(Contract).where(Contract.account_id.in_(account_ids))))
    if contracts:
        largest = max(contracts, key=lambda contract: contract.mrr)
        largest.mrr = max(10_000, largest.mrr + CSV_REVENUE - sum(contract.mrr for contract in contracts))
