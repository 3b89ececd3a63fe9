"""Pages that look across: all answers, one answer, and the stories of accounts and contacts."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from surveys.browse import exports, queries
from surveys.browse.forms import PERIODS, SEGMENTS, asked, chips, selection_from
from surveys.customers.models import WISHES, Account, Contact, Contract
from surveys.customers.wishes import named_by
from surveys.delivery.queries import suppression_of
from surveys.invitations import reasons
from surveys.invitations.models import Campaign
from surveys.lib import clock, labels, paging
from surveys.lib.access import Permission, guard
from surveys.lib.db import db
from surveys.lib.downloads import download
from surveys.lib.i18n import LANGUAGES, _, language
from surveys.questionnaires.models import Kind
from surveys.responses.models import Response as Answer
from surveys.responses.models import ResponseChange
from surveys.settings.queries import organisation, products
from surveys.tags import queries as tags

bp = Blueprint("browse", __name__)
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@bp.get("/voices")
@guard(Permission.READ)
def voices() -> Any:
    zone = organisation().timezone
    selection = selection_from(request.args, clock.today(zone))
    total, numbers = queries.numbers(selection, zone)
    page = paging.page(queries.answers(selection, zone), paging.number_from(request.args.get("page")), total=total)
    ids = [answer.id for answer in page.items]
    names = _names(selection)
    return render_template(
        "browse/voices.html",
        page=page,
        numbers=numbers,
        names=names,
        asked=asked(request.args),
        chips=chips(request.args, names),
        tags_of=tags.of(ids),
        cases=queries.cases_of(ids),
        tree=tags.choices(),
    )


@bp.get("/voices/export.<ending>")
@guard(Permission.EXPORT)
def export(ending: str) -> Any:
    """The answers of the present filter as a file."""
    if ending not in TYPES:
        return "", 404
    zone = organisation().timezone
    selection = selection_from(request.args, clock.today(zone))
    make = partial(exports.csv_file, bom="bom" in request.args) if ending == "csv" else exports.json_lines
    name = f"koe-responses-{clock.today(zone).isoformat()}.{ending}"
    return download(partial(make, selection, zone), name, TYPES[ending])


@bp.get("/responses/<int:id>")
@guard(Permission.READ)
def response(id: int) -> Any:
    answer = db.get_or_404(Answer, id)
    changes = db.session.scalars(
        select(ResponseChange).where(ResponseChange.response_id == id).order_by(ResponseChange.id)
    )
    return render_template(
        "browse/response.html",
        answer=answer,
        changes=changes.all(),
        case=queries.cases_of([id]).get(id),
        tags=tags.of([id])[id],
        tree=tags.choices(),
        earlier=queries.last_answers([answer.contact_id])[answer.contact_id],
    )


@bp.get("/accounts/<int:id>")
@guard(Permission.READ)
def account(id: int) -> Any:
    found = db.get_or_404(
        Account, id, options=[joinedload(Account.owner), joinedload(Account.contracts).joinedload(Contract.product)]
    )
    contacts = paging.page(queries.contacts_of(found), paging.number_from(request.args.get("page")))
    zone = organisation().timezone
    answers = paging.page(queries.answers(queries.Selection(account_id=id), zone), 1, 20)
    return render_template(
        "browse/account.html",
        account=found,
        contacts=contacts,
        answers=answers,
        cases=db.session.scalars(queries.cases_about(account_id=id).limit(20)).all(),
        earlier=queries.last_answers([contact.id for contact in contacts.items]),
        tags_of=tags.of([answer.id for answer in answers.items]),
        today=clock.today(zone),
    )


@bp.get("/contacts/<int:id>")
@guard(Permission.READ)
def contact(id: int) -> Any:
    found = db.get_or_404(Contact, id, options=[joinedload(Contact.account).joinedload(Account.owner)])
    zone = organisation().timezone
    answers = paging.page(queries.answers(queries.Selection(contact_id=id), zone), 1, 50)
    return render_template(
        "browse/contact.html",
        contact=found,
        answers=answers,
        cases=db.session.scalars(queries.cases_about(contact_id=id).limit(20)).all(),
        invitations=paging.page(queries.invitations_to(found), paging.number_from(request.args.get("page")), 20),
        tags_of=tags.of([answer.id for answer in answers.items]),
        today=clock.today(zone),
        why_held=reasons.sentence,
        why_never=reasons.never,
        suppression=suppression_of(found.email),
        wishes=WISHES,
        named=named_by(found),
        choice=queries.last_choice(found),
    )


def _names(selection: queries.Selection) -> dict[str, dict[str, Any]]:
    """For each filter its word (under "") and the words of its values."""
    kinds = db.session.scalars(select(Kind).order_by(Kind.position))
    names: dict[str, dict[str, Any]] = {
        "q": {"": _("Words")},
        "segment": {"": _("Segment"), **{key.value: words for key, words in SEGMENTS.items()}},
        "kind": {"": _("Kind"), **{kind.key: kind.name_in(language()) for kind in kinds}},
        "product": {
            "": _("Product"),
            **{str(each.id): each.name_in(language()) for each in db.session.scalars(products())},
        },
        "tag": {"": _("Tag"), **_tag_names()},
        "tier": {"": _("Tier"), **labels.TIERS},
        "phase": {"": _("Phase"), **labels.PHASES},
        "language": {"": _("Language"), **LANGUAGES},
        "period": {"": _("Period"), **PERIODS},
        "from": {"": _("First day")},
        "to": {"": _("Last day")},
        "comment": {"": "", "1": _("With a comment only")},
    }
    if selection.campaign_id and (campaign := db.session.get(Campaign, selection.campaign_id)):
        names["campaign"] = {"": _("Campaign"), str(campaign.id): campaign.name}
    if selection.account_id and (account := db.session.get(Account, selection.account_id)):
        names["account"] = {"": _("Account"), str(account.id): account.name}
    return names


def _tag_names() -> dict[str, str]:
    return {
        str(tag.id): f"{parent.name} › {tag.name}" if tag is not parent else tag.name
        for parent, children in tags.choices()
        for tag in (parent, *children)
    }
