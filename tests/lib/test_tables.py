"""Tables as people have them (R-40) and as attackers make them (X-18)."""

import csv
import io
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.lib import tables
from surveys.lib.i18n import speaking
from surveys.lib.unreadable import Flaw, Limits, Unreadable

ROWS = [["髙﨑①", "Aoba, Ltd."], ["𠮷野家", 'say "hi"']]


def rows_of(table):
    return [row.cells for row in table.rows()]


def read(text, encoding="utf-8", **options):
    return tables.read(text.encode(encoding), **options)


def refused(data, **options):
    with pytest.raises(Unreadable) as caught:
        rows_of(tables.read(data, **options))
    error = caught.value
    return error.flaw, error.line, error.column


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_usual_encoding_is_recognised(encoding):
    table = read("氏名,会社\r\n髙﨑①,株式会社はしご\r\n", encoding)
    assert (table.headings, rows_of(table)) == (("氏名", "会社"), [["髙﨑①", "株式会社はしご"]])


def test_utf_16_with_either_mark_is_recognised():
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        assert rows_of(tables.read(mark + "a\n髙\n".encode(encoding))) == [["髙"]]


def test_half_width_kana_in_cp932_are_not_taken_for_western_letters():
    assert rows_of(read("name\nﾀﾅｶ\n", "cp932")) == [["ﾀﾅｶ"]]


def test_western_letters_of_excel_are_not_taken_for_kanji():
    assert rows_of(read("name\nCafé Müller\n", "cp1252")) == [["Café Müller"]]


def test_the_encoding_can_be_chosen_by_hand():
    data = "name\n€uro–Café\n".encode("cp1252")
    assert rows_of(tables.read(data, encoding="cp1252")) == [["€uro–Café"]]


def test_a_wrong_encoding_names_the_line():
    assert refused("name\n田中\n".encode("cp932"), encoding="utf-8") == (Flaw.ENCODING, 2, None)


def test_a_byte_broken_in_the_middle_names_its_line_and_the_likely_encoding():
    data = ("氏名\n" + "田中\n" * 500).encode() + b"\xff\xff\n" + "山田\n".encode()
    with pytest.raises(Unreadable) as caught:
        tables.read(data)
    assert (caught.value.line, caught.value.values["encoding"]) == (502, "UTF-8")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_comma_semicolon_and_tab_are_told_apart(mark):
    table = read(f"a{mark}b\n1{mark}2\n")
    assert (table.separator, table.headings, rows_of(table)) == (mark, ("a", "b"), [["1", "2"]])


def test_separators_inside_quotation_marks_do_not_mislead():
    table = read('"name, title, more";email\n"a,b";c\n')
    assert (table.separator, rows_of(table)) == (";", [["a,b", "c"]])


def test_the_line_with_which_excel_declares_its_separator_is_no_heading():
    table = read("sep=;\r\na;b\r\n1;2\r\n")
    assert (table.headings, table.heading_line, [row.line for row in table.rows()]) == (("a", "b"), 2, [3])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end):
    assert [(row.line, row.cells) for row in read(f"a,b{end}1,2{end}3,4").rows()] == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_quotation_marks_hold_line_ends_and_rows_know_where_they_begin():
    table = read('a,b\r\n"one\r\ntwo",2\r\n3,4\r\n')
    assert [(row.line, row.cells) for row in table.rows()] == [(2, ["one\r\ntwo", "2"]), (4, ["3", "4"])]


def test_doubled_quotation_marks_are_one():
    assert rows_of(read('a\n"say ""hi"""\n')) == [['say "hi"']]


def test_a_quotation_mark_in_the_middle_of_a_cell_is_itself():
    assert rows_of(read('a,b\n5" screen,x\n')) == [['5" screen', "x"]]


def test_headings_that_come_twice_are_kept_for_whoever_asks():
    assert read("a,a\n1,2\n").headings == ("a", "a")


def test_blank_rows_and_blank_headings_at_the_end_are_not_there():
    table = read("\n  \na,b,,\n,,\n1,2,,\n   \n")
    assert (table.headings, [(row.line, row.cells[:2]) for row in table.rows()]) == (("a", "b"), [(5, ["1", "2"])])


def test_extra_cells_are_kept_for_whoever_asks():
    assert rows_of(read("a\n1,2,3\n")) == [["1", "2", "3"]]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\r\n\r\n", b" , ,\n", b"\xff\xfe"])
def test_an_empty_file_is_refused_as_empty(data):
    assert refused(data)[0] is Flaw.EMPTY


def test_headings_alone_and_one_row_are_both_tables():
    assert (rows_of(read("a,b\n")), rows_of(read("a,b\n1,2"))) == ([], [["1", "2"]])


def test_formulas_in_text_are_only_text():
    assert rows_of(read("a\n=HYPERLINK(1)\n+1\n@x\n")) == [["=HYPERLINK(1)"], ["+1"], ["@x"]]


def test_a_quotation_mark_that_is_never_closed_names_the_row_where_it_opens():
    assert refused(b'a,b\n1,2\n"x,3\n4,5\n') == (Flaw.UNBALANCED, 3, None)


def test_a_quotation_mark_in_the_wrong_place_names_its_line():
    assert refused(b'a,b\n1,2\n"x"y,3\n') == (Flaw.QUOTING, 3, None)


def test_nul_names_line_and_column():
    assert refused(b"a,b\n1,2\n3,x\0y\n") == (Flaw.NUL, 3, 2)


def test_a_cell_may_be_long_but_not_longer_than_the_limit():
    assert rows_of(read("a\n" + "x" * 32_768 + "\n")) == [["x" * 32_768]]
    assert refused(b"a,b\n1," + b"x" * 32_769) == (Flaw.CELL_TOO_LONG, 2, 2)


def test_a_cell_beyond_what_the_csv_module_takes_is_the_same_refusal():
    assert refused(b"a\n1\n" + b"x" * 200_000)[:2] == (Flaw.CELL_TOO_LONG, 3)


def test_one_endless_line_does_not_fill_the_memory():
    tracemalloc.start()
    assert refused(b"a\n" + b"1," * 9_000_000)[0] is Flaw.TOO_MANY_COLUMNS
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000_000


def test_too_many_columns_rows_and_bytes_are_refused():
    few = Limits(size=1000, rows=2, columns=3)
    assert refused(b"a,b,c,d\n", limits=few) == (Flaw.TOO_MANY_COLUMNS, 1, None)
    assert refused(b"a\n1\n2\n3\n", limits=few) == (Flaw.TOO_MANY_ROWS, 4, None)
    assert refused(b"a\n" * 501, limits=few)[0] is Flaw.TOO_LARGE


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08", b"BZh91AY", b"7z\xbc\xaf'", b"Rar!\x1a", b"\xfd7zXZ\0"])
def test_archives_are_not_unpacked(data):
    assert refused(data)[0] is Flaw.ARCHIVE


def test_an_old_excel_file_is_refused_with_what_to_do():
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")[0] is Flaw.OLD_EXCEL


def test_pasted_cells_are_tabs_whatever_else_is_in_them():
    table = tables.pasted('Name, full\tEmail\r\n"Aoba\nLogistics"\ttaro@example.com\r\n')
    assert (table.headings, rows_of(table)) == (("Name, full", "Email"), [["Aoba\nLogistics", "taro@example.com"]])


def test_a_table_can_be_read_twice():
    table = read("a\n1\n2\n")
    assert rows_of(table) == rows_of(table)


def test_reading_twenty_megabytes_takes_little_time_and_memory():
    data = b"email,name\n" + b"taro.yamada@example.com,Yamada Taro of the accounting department in Osaka\n" * 199_999
    started = time.perf_counter()
    tracemalloc.start()
    count = sum(1 for _ in tables.read(data).rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 20_000_000, time.perf_counter() - started < 20) == (199_999, True, True)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_whatever_the_csv_module_writes_is_read_back(rows, mark):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL).writerows([["one", "two"], *rows])
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    assert rows_of(tables.read(out.getvalue().encode())) == kept


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_nothing_else(data):
    try:
        rows_of(tables.read(data))
    except Unreadable as error:
        assert error.flaw in Flaw


def test_every_refusal_has_a_sentence():
    values = {"limit": 1, "encoding": "UTF-8"}
    for flaw in Flaw:
        assert len(Unreadable(flaw, line=3, column=2, **values).message) > 20


def test_a_refusal_is_said_in_the_language_of_the_reader(app):
    with speaking("ja"):
        assert Unreadable(Flaw.NUL, line=3, column=2).message.startswith("3行目・2列目：")
