"""What somebody else saved while one was typing is not overwritten unseen, and what was typed is never lost."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact, Tier
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.questionnaires import queries as questionnaires
from surveys.settings.queries import default_brand, default_product, organisation
from tests.factories import make_account, make_contact, make_response, make_user

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone


class Fields(HTMLParser):
    """What a browser would send of the forms of a page."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.inside = ""
        self.feed(page.text[page.text.index("<main") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag in ("select", "textarea"):
            self.inside = name
            self.values[name] = ""
        elif tag == "option" and "selected" in given:
            self.values[self.inside] = given["value"] or ""
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.values[name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.lasttag == "textarea":
            self.values[self.inside] += data.replace("\r\n", "\n").removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.inside = ""


def fields(page: Any) -> dict[str, str]:
    return Fields(page).values


@pytest.fixture
def pages(app):
    """Every page on which two may be at once: its address, what one of them changes, and what the other changes."""
    account = make_account(name="Harbor", tier=Tier.LOW_TOUCH)
    contact = make_contact(account=account, name="Ann")
    user = make_user(name="Ken")
    asked = questionnaires.by_key("nps-default").id
    return {
        "account": (f"/accounts/{account.id}/details", {"tier": "high_touch"}, {"name_kana": "ハーバー"}),
        "contact": (f"/contacts/{contact.id}/details", {"title": "Head of Payroll"}, {"department": "Payroll"}),
        "user": (f"/users/{user.id}", {"department": "Support"}, {"name": "Ken Sato"}),
        "organisation": ("/settings/organisation", {"name_ja": "ミナト"}, {"name": "Minato Inc."}),
        "brand": (
            f"/settings/brands/{default_brand().id}",
            {"signature": "Yui\nMinato"},
            {"legal_name": "Minato Inc."},
        ),
        "rules": ("/settings/rules", {"high_touch": "2"}, {"edit_days": "30"}),
        "calendar": ("/settings/calendar", {"closes": "17:00"}, {"opens": "08:00"}),
        "product": (f"/settings/products/{default_product().id}", {"name_ja": "ミナト勤怠"}, {"name": "Minato Pay"}),
        "wording": (f"/questionnaires/{asked}/wording/en", {"thanks": "Thanks."}, {"why_good": "What is good?"}),
    }


ALL = ["account", "contact", "user", "organisation", "brand", "rules", "calendar", "product", "wording"]


@pytest.mark.parametrize("name", ALL)
def test_what_somebody_saved_meanwhile_is_said_and_kept_until_one_saves_again(pages, log_in, name):
    yui, ken = log_in(Role.ADMIN, name="Yui"), log_in(Role.ADMIN, name="Ren")
    path, theirs, mine = pages[name]
    typed = fields(yui.get(path)) | mine
    ken.post(path, data=fields(ken.get(path)) | theirs)
    assert theirs.items() <= fields(ken.get(path)).items()

    again = yui.post(path, data=typed)
    assert (again.status_code, "changed this meanwhile" in again.text) == (409, True)
    assert all(value.split("\n")[0] in again.text for value in theirs.values())
    assert mine.items() <= fields(again).items()
    now = fields(yui.get(path))
    assert (theirs.items() <= now.items(), mine.items() <= now.items()) == (True, False)

    assert yui.post(path, data=fields(again)).status_code == 303
    assert mine.items() <= fields(yui.get(path)).items()


@pytest.mark.parametrize(("name", "is_named"), [("account", True), ("contact", True), ("organisation", False)])
def test_who_it_was_is_said_where_it_is_known(pages, log_in, name, is_named):
    yui, ren = log_in(Role.ADMIN, name="Yui"), log_in(Role.ADMIN, name="Ren")
    path, theirs, mine = pages[name]
    typed = fields(yui.get(path)) | mine
    ren.post(path, data=fields(ren.get(path)) | theirs)
    page = yui.post(path, data=typed).text
    assert ("Ren changed this meanwhile" in page, "Somebody else changed" in page) == (is_named, not is_named)


def test_what_is_kept_is_told_as_the_reader_knows_it(pages, log_in):
    yui, ren = log_in(Role.ADMIN), log_in(Role.ADMIN)
    typed = fields(yui.get("/settings/calendar"))
    ren.post("/settings/calendar", data={"opens": "09:00", "closes": "18:00"})
    assert "days off: No." in yui.post("/settings/calendar", data=typed).text
    path, theirs, _mine = pages["account"]
    typed = fields(yui.get(path))
    ren.post(path, data=typed | theirs)
    assert "Saved now: Tier: High touch." in yui.post(path, data=typed).text


@pytest.mark.parametrize("name", ALL)
def test_the_same_change_by_two_is_no_trouble(pages, log_in, name):
    yui, ren = log_in(Role.ADMIN), log_in(Role.ADMIN)
    path, theirs, _mine = pages[name]
    typed = fields(yui.get(path)) | theirs
    ren.post(path, data=fields(ren.get(path)) | theirs)
    assert yui.post(path, data=typed).status_code == 303


def test_what_stands_on_another_page_is_no_change_of_this_one(pages, log_in):
    admin = log_in(Role.ADMIN)
    typed = fields(admin.get("/settings/organisation")) | {"name": "Minato Inc."}
    admin.post("/settings/rules", data=fields(admin.get("/settings/rules")) | {"high_touch": "2"})
    assert admin.post("/settings/organisation", data=typed).status_code == 303
    assert (organisation().name, organisation().first_contact_hours["high_touch"]) == ("Minato Inc.", 2)


NEW_ACCOUNT = {"name": "Quay & Co", "external_key": "A-1", "owner": "", "tier": "", "phase": "trial"}
NEW_CONTACT = {"email": "ann@x.example.com", "name": "Ann Person", "language": "en", "account": "Quay", "role": ""}
INVITED = {"email": "hana@example.com", "name": "Hana Mori", "role": "agent", "locale": "ja", "department": "CS"}


@pytest.mark.parametrize(
    ("path", "data", "status", "words"),
    [
        ("/accounts/new", NEW_ACCOUNT, 400, "Another account has this key already."),
        ("/contacts/new", NEW_CONTACT, 400, "Somebody else has this address already."),
        (
            "/contacts/new",
            NEW_CONTACT | {"email": "b@x.example.com", "external_key": "C-1"},
            400,
            "has this key already",
        ),
        ("/contacts/new", NEW_CONTACT | {"email": "b@x.example.com", "account": "Twin"}, 400, "Several accounts have"),
        ("/users/new", INVITED, 409, "There is a user with this address already."),
        ("/users/new", INVITED | {"email": "taro@localhost"}, 400, "This is not an e-mail address."),
        ("/questionnaires/new", {"name": "Taken", "like": "ces-default"}, 400, "a questionnaire of this name already"),
        (
            "/settings/closures",
            {"first": "2026-11-25", "last": "2026-11-24", "name": "Move"},
            400,
            "comes before the first",
        ),
    ],
)
def test_what_is_refused_is_said_above_the_form_and_stays_in_it(app, admin, path, data, status, words):
    make_contact(email="ann@x.example.com", external_key="C-1", account=make_account(external_key="A-1"))
    for _twin in range(2):
        make_account(name="Twin")
    make_user(email="hana@example.com")
    admin.post("/questionnaires/new", data={"name": "Taken", "like": "nps-default"})
    page = admin.post(path, data=data)
    assert (page.status_code, words in page.text.split("error-summary")[-1]) == (status, True)
    assert data.items() <= fields(page).items()


def test_what_is_refused_while_an_account_or_contact_is_changed_stays_in_the_form(agent, log_in):
    make_account(external_key="A-1")
    mine, colleague = make_account(name="Mine", owner_id=agent.user.id), make_user(name="Ken")
    person = make_contact(account=mine)
    path = f"/accounts/{mine.id}/details"
    for change, words in (({"external_key": "A-1"}, "this key"), ({"owner": str(colleague.id)}, "another owner")):
        typed = fields(agent.get(path)) | {"name_kana": "マイン"} | change
        page = agent.post(path, data=typed)
        assert (words in page.text, (change | {"name_kana": "マイン"}).items() <= fields(page).items()) == (True, True)
    assert db.session.get(Account, mine.id).name_kana == ""
    path = f"/contacts/{person.id}/details"
    page = agent.post(path, data=fields(agent.get(path)) | {"title": "CFO", "account": "Nowhere"})
    assert ("There is no account of this name." in page.text, fields(page)["title"]) == (True, "CFO")
    assert db.session.get(Contact, person.id).title == ""


def test_nothing_of_what_was_refused_is_kept(lead):
    make_contact(email="ann@x.example.com")
    lead.post("/contacts/new", data=NEW_CONTACT | {"account": "A new account"})
    assert db.session.scalars(db.select(Account.name).where(Account.name == "A new account")).all() == []


def test_a_role_that_cannot_be_given_keeps_the_name_that_was_typed(admin):
    page = admin.post(f"/users/{admin.user.id}", data={"name": "Yui Mori", "role": "viewer", "department": "CS"})
    assert (page.status_code, fields(page)["name"], db.session.get(StaffUser, admin.user.id).name) == (
        409, "Yui Mori", admin.user.name,
    )  # fmt: skip


def test_blanks_are_no_answer_to_what_is_required(lead):
    """A reason of blanks would otherwise meet the database's own rule."""
    answer = make_response()
    page = lead.post(f"/responses/{answer.id}/exclusion", data={"reason": "   "})
    assert page.status_code == 400 and "blanks alone do not count" in page.text
