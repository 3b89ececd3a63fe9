"""Questionnaires and campaigns from the command line."""

from __future__ import annotations

from typing import Any

import click

from surveys.cli.output import as_json, inside_app, inside_reading_app, show, show_one


@click.group()
def questionnaire() -> None:
    """Questionnaires: what can be asked."""


@questionnaire.command(name="list")
@as_json
@inside_reading_app
def list_questionnaires(is_json: bool) -> None:
    """List the questionnaires by the key that `koe campaign create` takes."""
    from surveys.lib.db import db
    from surveys.lib.i18n import language
    from surveys.questionnaires import queries

    found = db.session.scalars(queries.questionnaires())
    rows = [
        {"key": each.key, "kind": each.kind_key, "name": each.name_in(language()), "version": each.versions[-1].number}
        for each in found.unique()
    ]
    show(rows, is_json=is_json)


@click.group()
def campaign() -> None:
    """Campaigns: asking many the same thing."""


@campaign.command()
@click.option("--name", required=True, help="A name nobody has given yet.")
@click.option("--questionnaire", "key", required=True, help="The key of a questionnaire, such as nps-default.")
@click.option(
    "--audience",
    multiple=True,
    metavar="WHAT=VALUE",
    help="Only those of a tier, phase, language, role, with a property, or chosen by number: tier=high_touch, "
    "plan=pro, contact_ids=12,15. May be repeated.",
)
@click.option("--send", is_flag=True, help="Send at once, with no time to take it back. Quiet rules hold all the same.")
@as_json
@inside_app
def create(name: str, key: str, audience: tuple[str, ...], send: bool, is_json: bool) -> None:
    """Create a campaign; with --send the worker sends it at once."""
    from surveys.invitations import actions
    from surveys.lib.db import db

    made = actions.create(name, key, _filters(audience))
    if send:
        actions.launch(made, skip_window=True)
    db.session.commit()
    show_one(_as_row(made), is_json=is_json)


@campaign.command(name="show")
@click.argument("name")
@as_json
@inside_reading_app
def show_campaign(name: str, is_json: bool) -> None:
    """Show how a campaign stands: sent, held, failed, unknown and open add up to its audience."""
    from surveys.invitations import queries

    show_one(_as_row(queries.by_name(name)), is_json=is_json)


def _filters(given: tuple[str, ...]) -> dict[str, Any]:
    """`tier=high_touch` and the like as filters; the same name again means one of several."""
    filters: dict[str, str] = {}
    for part in given:
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise click.BadParameter(f"{part!r} is not of the form tier=high_touch", param_hint="--audience")
        name, value = name.strip(), value.strip()
        filters[name] = f"{filters[name]},{value}" if name in filters else value
    return filters


def _as_row(found: Any) -> dict[str, Any]:
    from surveys.invitations import queries

    counts = queries.counts(found)
    return {
        "id": found.id,
        "name": found.name,
        "questionnaire": found.questionnaire.key,
        "state": found.state.value,
        "audience": counts.audience,
        "sent": counts.sent,
        "held": counts.held,
        "failed": counts.failed,
        "unknown": counts.unknown,
        "open": counts.open,
        "answered": counts.answered,
        "deadline_on": found.deadline_on,
    }


COMMANDS: tuple[click.Command, ...] = (questionnaire, campaign)
