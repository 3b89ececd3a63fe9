"""The pages of the settings, and what follows from them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from surveys.events.models import Event
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.settings.models import Closure, Product
from surveys.settings.queries import calendar, coming_days_off, default_product, organisation

OURS = {
    "name": "Minato", "name_ja": "ミナト", "locale": "ja", "timezone": "Europe/Berlin",
}  # fmt: skip


def test_the_organisation_can_be_changed_and_its_revision_rises(admin):
    before = organisation().revision
    assert admin.post("/settings/organisation", data=OURS).status_code == 303
    ours = organisation()
    assert (ours.name_ja, ours.timezone, ours.revision) == ("ミナト", "Europe/Berlin", before + 1)


def test_the_record_says_which_fields_changed_and_not_their_texts(admin):
    admin.post("/settings/organisation", data=OURS | {"timezone": "Asia/Tokyo", "locale": "en"})
    event = db.session.scalars(db.select(Event).where(Event.kind == "settings_changed")).one()
    assert event.data["fields"] == ["name", "name_ja"]
    assert "ミナト" not in str(event.data)


def test_saving_without_a_change_changes_nothing(admin):
    admin.post("/settings/organisation", data=OURS)
    before = organisation().revision
    admin.post("/settings/organisation", data=OURS)
    assert organisation().revision == before


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("timezone", "Mars/Base"), ("locale", "xx")],
)
def test_a_setting_that_cannot_be_is_explained_and_nothing_is_saved(admin, field, value):
    page = admin.post("/settings/organisation", data=OURS | {field: value})
    assert (page.status_code, organisation().name_ja) == (400, "ミナト勤怠")
    assert f'id="{field}-error"' in page.text


def test_working_hours_can_be_changed_and_midnight_is_the_end_of_the_day(lead):
    lead.post("/settings/calendar", data={"opens": "10:00", "closes": "00:00"})
    plan = calendar()
    assert (plan.opens.hour, plan.closes.hour, plan.country) == (10, 0, "")


def test_work_ends_after_it_begins(lead):
    assert "ends after it begins" in lead.post("/settings/calendar", data={"opens": "18:00", "closes": "09:00"}).text
    assert calendar().opens.hour == 9


def test_own_closed_days_move_due_dates_until_they_are_ended(lead):
    friday = datetime(2026, 11, 20, 17, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert calendar().add_hours(friday, 2).date() == date(2026, 11, 24)
    lead.post("/settings/closures", data={"first": "2026-11-24", "last": "2026-11-25", "name": "創立記念日"})
    assert calendar().add_hours(friday, 2).date() == date(2026, 11, 26)
    closure = db.session.scalars(db.select(Closure)).one()
    lead.post(f"/settings/closures/{closure.id}/end")
    assert calendar().add_hours(friday, 2).date() == date(2026, 11, 24)


@pytest.mark.parametrize(("first", "last"), [("2026-11-25", "2026-11-24"), ("2026-01-01", "2026-12-31")])
def test_a_closure_that_cannot_be_is_refused(lead, first, last):
    assert lead.post("/settings/closures", data={"first": first, "last": last}).status_code == 400


def test_an_unreadable_day_is_explained_beside_its_field(lead):
    assert 'id="first-error"' in lead.post("/settings/closures", data={"first": "soon", "last": "2026-11-24"}).text


def test_the_next_days_off_are_named(app, standing):
    db.session.add(Closure(first=date(2026, 12, 1), last=date(2026, 12, 1), name="Moving day"))
    db.session.commit()
    days = dict(coming_days_off())
    assert days[date(2026, 11, 23)] == "Labor Thanksgiving Day"
    assert days[date(2026, 12, 1)] == "Moving day"
    assert date(2026, 12, 29) in days


def test_rules_are_saved_for_what_comes(lead):
    rules = {
        "high_touch": 2,
        "low_touch": 8,
        "tech_touch": 24,
        "cancel_minutes": 10,
        "cancel_above": 20,
        "edit_days": 3,
    }
    lead.post("/settings/rules", data=rules)
    ours = organisation()
    assert ours.first_contact_hours == {"high_touch": 2, "low_touch": 8, "tech_touch": 24}
    assert (ours.cancel_minutes, ours.cancel_above, ours.edit_days) == (10, 20, 3)
    assert 'value="24"' in lead.get("/settings/rules").text


def test_no_minutes_to_call_back_is_a_choice_and_less_is_not(lead):
    rules = {"high_touch": 2, "low_touch": 8, "tech_touch": 24, "cancel_minutes": 0, "cancel_above": 0, "edit_days": 0}
    assert lead.post("/settings/rules", data=rules).status_code == 303
    assert lead.post("/settings/rules", data=rules | {"cancel_minutes": -1}).status_code == 400
    assert organisation().cancel_minutes == 0


def test_a_product_is_added_with_a_key_of_its_own(lead):
    for name in ("Shift Plan!", "Shift plan", "勤怠"):
        lead.post("/settings/products/new", data={"name": name, "name_ja": ""})
    assert set(db.session.scalars(db.select(Product.key))) == {"product", "shift-plan", "shift-plan-2", "product-2"}


def test_exactly_one_product_is_the_default_and_it_cannot_be_archived(lead):
    first = default_product()
    lead.post("/settings/products/new", data={"name": "Shift Plan", "name_ja": "シフト"})
    second = db.session.scalars(db.select(Product).where(Product.key == "shift-plan")).one()
    lead.post(f"/settings/products/{second.id}/default")
    assert default_product().id == second.id
    assert lead.post(f"/settings/products/{second.id}/archive").status_code == 409
    assert lead.post(f"/settings/products/{first.id}/archive").status_code == 303
    assert lead.post(f"/settings/products/{first.id}/default").status_code == 409
    lead.post(f"/settings/products/{first.id}/return")
    assert db.session.get(Product, first.id).archived_at is None


def test_settings_lead_each_role_to_its_first_page(admin, lead, agent):
    assert admin.get("/settings").location == "/settings/organisation"
    assert lead.get("/settings").location == "/settings/rules"
    assert agent.get("/settings").status_code == 403


@pytest.mark.parametrize("page", ["organisation", "products", "calendar", "rules"])
def test_every_page_speaks_japanese(admin, page):
    admin.post("/language", data={"language": "ja"})
    assert 'lang="ja"' in admin.get(f"/settings/{page}").text


def test_the_calendar_page_stands_at_any_time_of_the_year(log_in):
    for day in ("2026-12-30", "2027-01-02", "2026-08-14"):
        with clock.at(datetime.fromisoformat(f"{day}T12:00:00+09:00")):
            lead = log_in(Role.LEAD)
            assert lead.get("/settings/calendar").status_code == 200
