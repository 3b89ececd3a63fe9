"""CSV for spreadsheets: nothing in it is ever a formula, and it reads back as it was written."""

import csv as reader
import io
import random
import string
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.lib import csv, tables

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NASTY = [
    "=HYPERLINK(...)",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    "\ufeff=1",
    "\r=1",
    "\n=1",
    "\0=1",
    "\u3000=1",
]


def written(headings, rows, **options):
    return b"".join(csv.stream(headings, rows, **options))


@pytest.mark.parametrize("text", NASTY)
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    """X-06."""
    assert csv.guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Aoba", "a=b", "1-2", "taro@example.com", "'quoted'", "'", "髙﨑"])
def test_other_text_stays_as_it_is(text):
    assert csv.guarded(text) == text


def test_a_heading_is_guarded_like_a_cell():
    assert written(["=a"], []) == b"'=a\r\n"


def test_numbers_stay_numbers_even_when_they_are_negative():
    assert written(["nps"], [[-33], [-0.5], [Decimal("-1.50")]]) == b"nps\r\n-33\r\n-0.5\r\n-1.50\r\n"


def test_nothing_moments_and_truth_have_one_form():
    row = [None, datetime(2026, 11, 27, 5, 30, tzinfo=UTC), date(2026, 11, 27), True]
    assert written(["a", "b", "c", "d"], [row]) == b"a,b,c,d\r\n,2026-11-27T05:30:00+00:00,2026-11-27,true\r\n"


def test_lines_end_in_crlf_and_cells_are_quoted_where_rfc_4180_wants_it():
    assert written(["a", "b"], [['x "y"', "1\n2"]]) == b'a,b\r\n"x ""y""","1\n2"\r\n'


def test_the_mark_for_excel_comes_first_and_once():
    assert written(["あ"], [["い"]], bom=True) == "\ufeffあ\r\nい\r\n".encode()


def test_a_long_export_comes_in_blocks():
    blocks = list(csv.stream(["n"], ([n] for n in range(100_000))))
    assert len(blocks) > 5
    assert b"".join(blocks).count(b"\r\n") == 100_001


def test_half_a_surrogate_does_not_stop_an_export():
    assert b"?" in written(["a"], [["\ud800"]])


@given(TEXTS)
def test_taking_the_apostrophe_away_gives_back_the_text(text):
    assert csv.unguarded(csv.guarded(text)) == text


@given(TEXTS)
def test_no_written_cell_begins_like_a_formula(text):
    assert not csv.guarded(text).lstrip(" \u3000\xa0\ufeff").startswith(tuple("=+-@\t\r\n\0＝＋－＠"))


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=6))
def test_python_reads_back_what_we_write(rows):
    text = written(["a", "b", "c"], rows).decode()
    read = list(reader.reader(io.StringIO(text, newline="")))[1:]
    assert [[csv.unguarded(cell) for cell in row] for row in read] == rows


def test_what_we_write_our_own_import_reads():
    random.seed(7)
    alphabet = string.ascii_letters + "髙﨑①,;\t\"'=+-@ \n"
    rows = [["x" + "".join(random.choices(alphabet, k=12)) for _ in range(4)] for _ in range(200)]
    table = tables.read(written(["a", "b", "c", "d"], rows, bom=True))
    assert [[csv.unguarded(cell) for cell in row.cells] for row in table.rows()] == rows
