"""How people are addressed, with all that may be missing."""

from __future__ import annotations

import pytest

from surveys.invitations.names import greeting_of

FULL = {"name": "佐藤 花子", "company": "あおば物流", "department": "総務部"}


@pytest.mark.parametrize(
    ("missing", "lines"),
    [
        ([], "あおば物流 総務部\n佐藤 花子 様"),
        (["department"], "あおば物流\n佐藤 花子 様"),
        (["company"], "総務部\n佐藤 花子 様"),
        (["company", "department"], "佐藤 花子 様"),
        (["name"], "あおば物流 ご担当者様"),
        (["name", "department"], "あおば物流 ご担当者様"),
        (["name", "company"], "総務部 御中"),
        (["name", "company", "department"], "お客様"),
    ],
)
def test_japanese_name_lines(missing, lines):
    assert greeting_of("ja", **{key: "" if key in missing else value for key, value in FULL.items()}) == lines


@pytest.mark.parametrize(
    ("honorific", "name", "line"),
    [
        ("先生", "佐藤 花子", "佐藤 花子 先生"),
        ("Dr.", "佐藤 花子", "佐藤 花子 様"),
        ("", "佐藤 花子 様", "佐藤 花子 様"),
        (" ", "佐藤花子様", "佐藤花子様"),
        ("", "Jane Smith", "Jane Smith 様"),
    ],
)
def test_the_honorific_stands_once(honorific, name, line):
    assert greeting_of("ja", name=name, honorific=honorific) == line


def test_english_greetings_take_the_whole_name():
    assert greeting_of("en", name="Jane Smith", company="Harbor & Finch") == "Hello Jane Smith,"
    assert greeting_of("en", company="Harbor & Finch") == "Hello,"


def test_stray_blanks_and_line_ends_stay_outside():
    assert greeting_of("ja", name=" 佐藤\n花子 ", company="　") == "佐藤 花子 様"
