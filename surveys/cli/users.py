"""Staff users from the command line."""

from __future__ import annotations

import click

from surveys.cli.output import inside_app
from surveys.lib.access import Role


@click.group()
def user() -> None:
    """Staff users."""


@user.command()
@click.option("--email", required=True, help="The address to log in with.")
@click.option("--name", required=True, help="The name colleagues and customers see.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@click.option("--locale", type=click.Choice(["en", "ja"]), default="en", show_default=True)
@click.password_option(help="At least 12 characters; asked for when left out.")
@inside_app
def add(email: str, name: str, role: str, locale: str, password: str) -> None:
    """Add a staff user who can log in at once."""
    from surveys.auth import actions
    from surveys.lib.db import db

    added = actions.add_user(email=email, name=name, role=Role(role), password=password, locale=locale)
    db.session.commit()
    click.echo(f"{added.email} may log in as {added.role.value}.")


@user.command()
@click.argument("email")
@inside_app
def link(email: str) -> None:
    """Make a link with which a user chooses a new password, when no mail and no administrator is at hand."""
    from surveys.auth import actions
    from surveys.lib.db import db
    from surveys.lib.process import config

    made = actions.offer_link_by_email(email)
    db.session.commit()
    click.echo(f"{config().public_url}/links/{made.secret}")
    click.echo(f"It works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC.")


COMMANDS: tuple[click.Command, ...] = (user,)
