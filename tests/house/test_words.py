"""Both languages: every text of code and templates has its Japanese, once, and no Japanese is left over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from tests.house.sources import PACKAGE, modules, name_of, templates

CATALOGS = sorted((PACKAGE / "locale" / "ja").glob("*.po"))
# In parentheses: which argument is the singular, which the plural.
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
JINJA = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
MSGID = re.compile(r'^msgid ((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


@cache
def said() -> dict[str | tuple[str, ...], str]:
    """Every text in code and templates, and the place where it is said."""
    texts = {}
    for path in (*modules(), *templates()):
        method, options = ("python", {}) if path.suffix == ".py" else ("jinja2", JINJA)
        for line, message, _, _ in extract_from_file(method, path, KEYWORDS, options=options, strip_comment_tags=True):
            texts[tuple(message) if isinstance(message, list | tuple) else message] = f"{name_of(path)}:{line}"
    texts.pop("", None)
    return texts


def translated(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        yield from (message for message in read_po(file, locale="ja") if message.id)


def all_translated() -> dict[str, Message]:
    return {singular(message.id): message for path in CATALOGS for message in translated(path)}


def singular(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def strings_of(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def forms_of(message: Message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple) else (message.id,)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_text_has_its_japanese():
    known = all_translated()
    assert sorted(f"{place} {text!r}" for text, place in said().items() if singular(text) not in known) == []


def test_no_japanese_is_empty_or_doubtful():
    messages = all_translated().values()
    assert [message.id for message in messages if not all(strings_of(message)) or message.fuzzy] == []


def test_no_japanese_is_left_over():
    wanted = {singular(text) for text in said()}
    assert [
        f"{path.name} {m.id!r}" for path in CATALOGS for m in translated(path) if singular(m.id) not in wanted
    ] == []


def test_no_text_is_translated_twice():
    ids = [
        "".join(STRING.findall(block)) for path in CATALOGS for block in MSGID.findall(path.read_text(encoding="utf-8"))
    ]
    assert [text for text, count in Counter(ids).items() if count > 1 and text] == []


def test_placeholders_are_the_same_in_both_languages():
    wrong = [
        f"{message.id!r} → {text!r}"
        for message in all_translated().values()
        for text in strings_of(message)
        if placeholders(text) != set().union(*map(placeholders, forms_of(message)))
    ]
    assert wrong == []


def test_plurals_are_plurals_on_both_sides():
    known = all_translated()
    wrong = [
        text
        for text in said()
        if singular(text) in known and isinstance(text, tuple) != isinstance(known[singular(text)].id, tuple)
    ]
    assert wrong == []


def test_japanese_is_not_the_english_once_more():
    """A name or a sign may be the same in both; two words in a row may not."""
    same = [
        text
        for message in all_translated().values()
        for text in strings_of(message)
        if text == singular(message.id) and re.search(r"[a-z]{4,} [a-z]{2,}", text)
    ]
    assert same == []
