"""Excel files: what a person sees in the cell is what we read, and no file can hurt us."""

import io
import tracemalloc
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from surveys.lib import tables
from surveys.lib.unreadable import Flaw, Unreadable

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows, formats=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, number_format in (formats or {}).items():
        book.active[place].number_format = number_format
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data, name, content):
    """The same workbook with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part))
    return out.getvalue()


def sheet_saying(text):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c>'
    return f'<worksheet xmlns="{main}"><sheetData><row r="1">{cell}</row></sheetData></worksheet>'


def rows_of(data):
    return [row.cells for row in tables.read(data).rows()]


def refused(data):
    with pytest.raises(Unreadable) as caught:
        rows_of(data)
    return caught.value.flaw, caught.value.line, caught.value.column


def test_texts_numbers_dates_and_truth_read_as_one_would_type_them():
    row = ["髙﨑①", 480000, 1.5, date(2026, 11, 27), datetime(2026, 11, 27, 9, 30), True, None, "x"]
    assert rows_of(workbook(["h"] * 8, row)) == [
        ["髙﨑①", "480000", "1.5", "2026-11-27", "2026-11-27T09:30:00", "TRUE", "", "x"]
    ]


def test_a_whole_number_that_excel_kept_as_a_fraction_has_no_point():
    assert rows_of(workbook(["h"], [480000.0])) == [["480000"]]


def test_leading_zeros_that_the_format_shows_are_kept():
    assert rows_of(workbook(["code"], [123], formats={"A2": "00000"})) == [["00123"]]


def test_rows_carry_the_number_of_the_sheet_and_blank_ones_are_left_out():
    book = Workbook()
    book.active["A1"], book.active["A5"] = "h", "x"
    assert [(row.line, row.cells) for row in tables.read(saved(book)).rows()] == [(5, ["x"])]


def test_the_first_sheet_that_is_shown_is_read():
    book = Workbook()
    book.active.sheet_state = "hidden"
    book.create_sheet("Customers").append(["shown"])
    assert tables.read(saved(book)).headings == ("shown",)


def test_a_workbook_without_any_cell_is_empty():
    assert refused(workbook())[0] is Flaw.EMPTY


def test_a_formula_without_its_result_names_its_cell():
    assert refused(workbook(["a", "b"], ["x", "=1+1"])) == (Flaw.FORMULA, 2, 2)


def test_a_formula_with_its_result_is_read_as_the_result():
    data = workbook(["a"], ["=1+1"])
    sheet = (
        zipfile.ZipFile(io.BytesIO(data)).read(SHEET).replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    )
    assert rows_of(with_part(data, SHEET, sheet)) == [["2"]]


def test_a_text_that_looks_like_a_formula_is_a_text():
    book = Workbook()
    book.active.append(["a"])
    book.active["A2"].value, book.active["A2"].data_type = "=1+1", "s"
    assert rows_of(saved(book)) == [["=1+1"]]


def test_a_sheet_that_lies_about_its_size_is_read_to_its_end():
    data = workbook(["a"], ["1"], ["2"])
    sheet = zipfile.ZipFile(io.BytesIO(data)).read(SHEET).replace(b'ref="A1:A3"', b'ref="A1:A2"')
    assert rows_of(with_part(data, SHEET, sheet)) == [["1"], ["2"]]


def test_a_workbook_that_unpacks_to_a_gigabyte_is_refused_unopened():
    bomb = with_part(workbook(["a"]), SHEET, b"<worksheet>" + b" " * 300_000_000)
    tracemalloc.start()
    assert refused(bomb)[0] is Flaw.BOMB
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_workbook_that_lies_about_what_it_unpacks_to_is_refused():
    bomb = bytearray(with_part(workbook(["a"]), SHEET, b"<worksheet>" + b" " * 30_000_000))
    at = bomb.rindex(SHEET.encode()) - 46  # the entry of the sheet in the archive's directory
    bomb[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    assert refused(bytes(bomb))[0] in (Flaw.DAMAGED, Flaw.BOMB)


def test_a_billion_laughs_are_not_laughed():
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    entities = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {more} "{f"&{less};" * 10}">' for less, more in pairs)
    laughs = f"<!DOCTYPE x [{entities}]>{sheet_saying('&i;')}"
    assert refused(with_part(workbook(["a"]), SHEET, laughs.encode()))[0] is Flaw.ENTITIES


def test_an_outside_entity_is_not_fetched():
    sheet = f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>{sheet_saying("&f;")}'
    assert refused(with_part(workbook(["a"]), SHEET, sheet.encode()))[0] is Flaw.ENTITIES


def test_readings_beside_a_japanese_text_are_not_part_of_it():
    sheet = sheet_saying('田中</t><rPh sb="0" eb="2"><t>タナカ</t></rPh><t>様')
    assert tables.read(with_part(workbook(["a"]), SHEET, sheet.encode())).headings == ("田中様",)


@pytest.mark.parametrize(
    "code", ["yyyy年m月d日", 'yyyy"年"m"月"d"日"', "[$-411]ggge年m月d日", "dd/mm/yy;@", "d-mmm-yy"]
)
def test_a_date_is_a_date_in_every_format(code):
    assert rows_of(workbook(["on"], [46353], formats={"A2": code})) == [["2026-11-27"]]


@pytest.mark.parametrize("code", ["General", '#,##0"days"', "0.00E+00", "[Red]0", '"¥"#,##0', "@"])
def test_a_number_is_a_number_in_every_format(code):
    assert rows_of(workbook(["n"], [46353], formats={"A2": code})) == [["46353"]]


def test_another_kind_of_zip_is_an_archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("customers.csv", "a,b\n")
    assert refused(out.getvalue())[0] is Flaw.ARCHIVE


@pytest.mark.parametrize("keep", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_workbook_cut_short_is_refused(keep):
    data = workbook(*[[f"cell {n}", n] for n in range(500)])
    assert refused(data[: int(len(data) * keep)])[0] in (Flaw.DAMAGED, Flaw.ARCHIVE)


def test_a_broken_sheet_is_refused():
    assert refused(with_part(workbook(["a"]), SHEET, b"<worksheet><sheetData><row>"))[0] is Flaw.DAMAGED


def test_more_than_two_hundred_columns_are_refused():
    assert refused(workbook(["h"] * 201))[0] is Flaw.TOO_MANY_COLUMNS
