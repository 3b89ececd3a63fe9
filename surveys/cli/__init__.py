"""The `koe` command: a thin file a feature. It parses, calls one action or query, commits, prints."""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import OperationalError

from surveys.cli.answers import COMMANDS as ANSWERS
from surveys.cli.campaigns import COMMANDS as CAMPAIGNS
from surveys.cli.customers import COMMANDS as CUSTOMERS
from surveys.cli.database import COMMANDS as DATABASE
from surveys.cli.server import COMMANDS as SERVER
from surveys.cli.users import COMMANDS as USERS
from surveys.config import Misconfigured
from surveys.lib.errors import Refused

WRONG_SETTING = 3
REFUSED = 1


class Koe(click.Group):
    """The group that turns our refusals into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Misconfigured as error:
            click.echo(f"koe: {error}", err=True)
            sys.exit(WRONG_SETTING)
        except OperationalError as error:
            click.echo(f"koe: the database: {str(error.orig).strip().splitlines()[0]}", err=True)
            sys.exit(REFUSED)
        except Refused as error:
            click.echo(f"koe: {error.message}", err=True)
            sys.exit(REFUSED)


@click.group(cls=Koe, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="koe", prog_name="koe")
def main() -> None:
    """Koe asks your customers, listens, and sees that somebody follows up.

    `koe up` starts everything on this machine. Settings come from the environment and from a file .env here: KOE_PORT,
    KOE_DATA_DIR, KOE_MAIL_URL and others; the README lists them.

    Exit codes: 0 done, 1 refused (the line says why), 2 wrong usage, 3 a setting is wrong.
    """


for command in (*SERVER, *DATABASE, *USERS, *CUSTOMERS, *CAMPAIGNS, *ANSWERS):
    main.add_command(command)
