"""Both languages: English is the text in the code, Japanese stands in `locale/ja/`, a file a room.

The files are read as they are when the process starts: no build step, and no binaries in the repository.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale, get_locale
from flask_babel import lazy_gettext as _l

if TYPE_CHECKING:  # Flask-Babel has no types

    def _(message: str, **values: Any) -> str: ...
    def ngettext(singular: str, plural: str, num: int, **values: Any) -> str: ...

else:
    from flask_babel import gettext as _
    from flask_babel import ngettext as ngettext

__all__ = ["LANGUAGES", "_", "_l", "install", "language", "languages_of", "ngettext", "speaking"]

LANGUAGES = {"en": "English", "ja": "日本語"}
FOLDER = Path(__file__).resolve().parent.parent / "locale"


@cache
def catalog(language_code: str) -> NullTranslations:
    """All rooms' texts of one language in one catalogue."""
    merged = Catalog(locale=language_code)
    for path in sorted((FOLDER / language_code).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language_code):
                if message.id:
                    merged[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


class Rooms(Domain):
    """Flask-Babel's texts, taken from our files."""

    def get_translations(self) -> Any:
        locale = get_locale()
        return catalog(locale.language if locale else "en")


def language() -> str:
    """The language being spoken: `en` or `ja`."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


@contextmanager
def speaking(language_code: str) -> Iterator[None]:
    """Speak this language inside the block, whoever is asking."""
    with force_locale(Locale.parse(language_code)):
        yield


def languages_of(header: str) -> str:
    """The first of our languages in an Accept-Language header; English when there is none."""
    for part in header.split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "en"


def _selected() -> str:
    """The user's own choice, else that of the visit, else the installation's."""
    if not has_request_context():
        return _default()
    user = g.get("user")
    chosen = user.locale if user is not None else session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or _default()


def _default() -> str:
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def install(app: Flask) -> None:
    Babel(app, locale_selector=_selected)
    app.extensions["babel"].instance.domain_instance = Rooms()
