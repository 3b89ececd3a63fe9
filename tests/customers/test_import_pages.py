"""Importing in the browser: upload or paste, columns, what would change, confirm."""

import io
import re

from openpyxl import Workbook
from sqlalchemy import func, select

from surveys.customers import actions
from surveys.customers.models import Contact, ImportRun, ImportState
from surveys.lib.access import Role
from surveys.lib.db import db
from tests.factories import make_account, make_contact
from tests.streams import blocks_of

PASTED = "会社名\tメールアドレス\t氏名\tタッチ区分\nあおば物流\ttaro@aoba.example.com\t山田 太郎\tハイタッチ\n"

REST = {"currency": "JPY", "product": "1", "language": "en", "encoding": "utf-8"}


def upload(client, data=b"", name="customers.csv", **more):
    fields = {"file": (io.BytesIO(data), name), **more} if data else more
    return client.post("/imports/new", data=fields, content_type="multipart/form-data")


def newest_run():
    return db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(1)).one()


def work_off():
    while actions.import_next():
        db.session.expire_all()
    db.session.rollback()


def columns_of(page):
    return re.findall(r'<select[^>]*name="columns-(\d+)"', page.text)


def checked(client, data, **more):
    """Upload a list, take the columns as recognised, and let the job look at it."""
    upload(client, data, **more)
    run = newest_run()
    page = client.get(f"/imports/{run.id}/columns")
    chosen = re.findall(r'<select[^>]* name="([\w-]+)".*?<option selected value="([^"]*)"', page.text, re.DOTALL)
    client.post(f"/imports/{run.id}/columns", data=dict(chosen))
    work_off()
    return newest_run()


def count_contacts():
    return db.session.scalar(select(func.count()).select_from(Contact))


def test_pasted_cells_go_through_all_four_steps(lead):
    page = upload(lead, pasted=PASTED)
    run = newest_run()
    assert page.location.endswith(f"/imports/{run.id}/columns")
    columns = lead.get(page.location)
    assert len(columns_of(columns)) == 4
    assert "山田 太郎" in columns.text
    run = checked(lead, b"", pasted=PASTED)
    shown = lead.get(f"/imports/{run.id}")
    assert ("Take over 2 changes" in shown.text, "taro@aoba.example.com" in shown.text) == (True, True)
    lead.post(f"/imports/{run.id}/confirmation")
    assert "The list is being taken over" in lead.get(f"/imports/{run.id}").text
    work_off()
    assert (newest_run().state, count_contacts()) == (ImportState.DONE, 1)
    assert "The list was taken over." in lead.get(f"/imports/{run.id}").text


def test_an_excel_file_is_taken_like_a_csv(lead):
    book = Workbook()
    book.active.append(["email", "company", "name"])
    book.active.append(["ann@harbor.example.com", "Harbor & Finch", "Ann"])
    out = io.BytesIO()
    book.save(out)
    run = checked(lead, out.getvalue(), name="customers.xlsx")
    assert run.counts["contacts"]["new"] == 1


def test_nothing_changes_before_somebody_confirms(lead):
    checked(lead, b"email,company\nann@harbor.example.com,Harbor\n")
    assert count_contacts() == 0


def test_changes_are_shown_from_what_to_what(lead):
    account = make_account(name="Harbor")
    make_contact(email="ann@harbor.example.com", name="Ann", account=account, department="Ops")
    run = checked(lead, b"email,name,department\nann@harbor.example.com,Ann,Payroll\n")
    page = lead.get(f"/imports/{run.id}")
    assert "<del>Ops</del> → <ins>Payroll</ins>" in page.text


def test_whoever_is_in_koe_but_not_in_the_list_is_named_and_stays(lead):
    make_contact(email="old@harbor.example.com", name="Old Friend")
    run = checked(lead, b"email,company\nann@harbor.example.com,Harbor\n")
    page = lead.get(f"/imports/{run.id}?rows=missing_contacts")
    assert ("Old Friend" in page.text, count_contacts()) == (True, 1)


def test_a_bad_row_stops_the_whole_list_and_says_why(lead):
    run = checked(lead, b"email,company,tier\nann@harbor.example.com,Harbor,High touch\nbob@,Harbor,Gold\n")
    page = lead.get(f"/imports/{run.id}")
    assert "1 row cannot be taken over, so nothing is." in page.text
    assert "“bob@” is not an e-mail address" in page.text
    assert "Take over" not in page.text.split("</nav>")[-1]
    refused = lead.post(f"/imports/{run.id}/confirmation")
    assert (refused.status_code, count_contacts()) == (409, 0)


def test_the_list_of_problems_can_be_downloaded_in_the_language_of_the_reader(log_in):
    lead = log_in(Role.LEAD, locale="ja")
    run = checked(lead, "email,会社名,tier\nbob@,=1+1,金\n".encode())
    file = lead.get(f"/imports/{run.id}/problems.csv")
    lines = file.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "行,列,見出し,内容"
    assert lines[1].startswith("2,1,email,")
    assert "「bob@」" in lines[1]


def test_a_long_list_of_problems_comes_whole_after_the_page_is_done(app, lead):
    """The view has ended by then, and its session with it."""
    run = checked(lead, b"email,company\n" + b"".join(b"bob%d@,Harbor\n" % number for number in range(1200)))
    path = f"/imports/{run.id}/problems.csv"
    db.session.commit()
    assert b"".join(blocks_of(app, lead, path)).count(b"is not an e-mail address") == 1200


def test_a_file_that_cannot_be_read_is_refused_beside_the_field(lead):
    page = upload(lead, b"\xd0\xcf\x11\xe0rest")
    assert (page.status_code, "old or protected Excel file" in page.text) == (400, True)


def test_an_empty_form_asks_for_a_list(lead):
    assert "Choose a file or paste something." in upload(lead).text


def test_the_meaning_of_a_column_can_be_changed(lead):
    upload(lead, b"mail,remark\nann@harbor.example.com,Ann Harbor\n")
    run = newest_run()
    form = {"columns-0": "email", "columns-1": "name", **REST}
    lead.post(f"/imports/{run.id}/columns", data=form)
    work_off()
    lead.post(f"/imports/{run.id}/confirmation")
    work_off()
    assert db.session.scalars(select(Contact.name)).all() == ["Ann Harbor"]


def test_two_columns_cannot_hold_the_same(lead):
    upload(lead, b"mail,other\nann@harbor.example.com,b@x.example.com\n")
    run = newest_run()
    form = {"columns-0": "email", "columns-1": "email", **REST}
    assert "Two columns cannot both be" in lead.post(f"/imports/{run.id}/columns", data=form).text


def test_another_encoding_shows_the_columns_once_more(lead):
    upload(lead, "mail,name\nann@harbor.example.com,田中\n".encode("cp932"))
    run = newest_run()
    assert "田中" in lead.get(f"/imports/{run.id}/columns").text
    form = {"columns-0": "email", "columns-1": "name", **REST, "encoding": "cp1252"}
    page = lead.post(f"/imports/{run.id}/columns", data=form, follow_redirects=True)
    assert ("What do the columns hold?" in page.text, "“c’†" in page.text) == (True, True)


def test_a_cancelled_import_changes_nothing(lead):
    run = checked(lead, b"email,company\nann@harbor.example.com,Harbor\n")
    page = lead.post(f"/imports/{run.id}/cancellation", follow_redirects=True)
    assert ("Nothing was changed." in page.text, newest_run().state) == (True, ImportState.CANCELLED)
    assert lead.post(f"/imports/{run.id}/confirmation").status_code == 409


def test_samples_are_lists_that_koe_takes(lead):
    for language in ("en", "ja"):
        run = checked(lead, lead.get(f"/imports/sample-{language}.csv").data)
        assert (run.bad_rows, run.counts["contacts"]["new"]) == (0, 2)
    assert lead.get("/imports/sample-fr.csv").status_code == 404


def test_an_address_list_needs_no_headings(lead):
    run = checked(lead, b"", pasted="Taro Yamada <taro@aoba.example.com>, hanako@aoba.example.com\nx@gmail.com")
    assert run.counts["contacts"]["new"] == 3


def test_the_list_of_imports_starts_empty_and_names_who_did_it(lead):
    assert "Nothing was imported yet" in lead.get("/imports").text
    checked(lead, b"email,company\nann@harbor.example.com,Harbor\n")
    assert ("customers.csv" in lead.get("/imports").text, lead.user.name in lead.get("/imports").text) == (True, True)


def test_only_leads_and_administrators_import(agent, product_manager, viewer, admin):
    for client in (agent, product_manager, viewer):
        assert client.get("/imports").status_code == 403
        assert upload(client, b"email\na@b.example.com\n").status_code == 403
    assert admin.get("/imports").status_code == 200
