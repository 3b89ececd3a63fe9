"""Brands: several in one installation, one of them the default, each with what customers see of us."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy.exc import IntegrityError

from surveys.events.models import Event
from surveys.invitations import actions as invitations
from surveys.lib import clock
from surveys.lib.db import db
from surveys.openlinks.models import OpenLink
from surveys.settings.models import Brand, BrandLogo
from surveys.settings.queries import brand, default_brand, default_product, organisation
from tests.factories import make_brand, make_campaign, make_contact, newest, questionnaire, save
from tests.settings.pictures import bomb, picture

OURS = {
    "name": "Minato", "name_ja": "ミナト", "colour": "#8a1c5a", "sender_name": "Yui", "sender_name_ja": "佐藤 結衣",
    "sender_address": "voice@minato.example.com", "reply_address": "", "signature": "Yui\nMinato", "signature_ja": "",
    "legal_name": "Minato K.K.", "legal_name_ja": "ミナト株式会社", "postal_address": "1-2-3 Kaigan\nTokyo",
    "postal_address_ja": "", "contact_url": "", "privacy_url": "https://minato.example.com/privacy",
}  # fmt: skip


def upload(admin, number, data, name="logo.png"):
    return admin.post(
        f"/settings/brands/{number}/logo", data={"file": (BytesIO(data), name)}, content_type="multipart/form-data"
    )


def test_a_brand_is_added_and_changed_and_the_revision_rises(admin):
    assert admin.post("/settings/brands/new", data=OURS).status_code == 303
    added = db.session.scalars(db.select(Brand).where(Brand.name == "Minato")).one()
    before = organisation().revision
    assert admin.post(f"/settings/brands/{added.id}", data=OURS | {"colour": "0B5563"}).status_code == 303
    assert (brand(added.id).colour, organisation().revision) == ("#0b5563", before + 1)


def test_saving_without_a_change_changes_nothing(admin):
    number = default_brand().id
    admin.post(f"/settings/brands/{number}", data=OURS)
    before = organisation().revision
    admin.post(f"/settings/brands/{number}", data=OURS)
    assert organisation().revision == before


def test_the_record_says_which_fields_changed_and_not_their_texts(admin):
    admin.post(f"/settings/brands/{default_brand().id}", data=OURS)
    event = db.session.scalars(db.select(Event).where(Event.kind == "brand_changed")).one()
    assert {"colour", "legal_name"} <= set(event.data["fields"])
    assert "Minato K.K." not in str(event.data)


def test_japanese_texts_fall_back_to_the_others(app):
    said = Brand(name="Minato", name_ja="ミナト", sender_name="Yui", sender_name_ja="")
    assert (said.name_in("ja"), said.name_in("en")) == ("ミナト", "Minato")
    assert said.said("sender_name", "ja") == "Yui"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("sender_address", "nobody"), ("reply_address", "a@x.example, b@x.example"),
     ("privacy_url", "javascript:alert(1)"), ("contact_url", "minato.example.com"), ("colour", "teal"),
     ("colour", "#fff;}body{display:none"), ("colour", "#ffcc00")],
)  # fmt: skip
def test_what_cannot_be_is_explained_and_nothing_is_saved(admin, field, value):
    page = admin.post(f"/settings/brands/{default_brand().id}", data=OURS | {field: value})
    assert (page.status_code, default_brand().legal_name) == (400, "Minato Time K.K.")
    assert f'id="{field}-error"' in page.text


def test_a_colour_too_light_is_refused_with_the_nearest_that_can_be_read_and_taken_with_one_press(admin):
    number = default_brand().id
    page = admin.post(f"/settings/brands/{number}", data=OURS | {"colour": "#ffcc00"}).text
    assert "its contrast with white is 1.5" in page
    assert 'name="nearest" value="#8f7200"' in page
    assert 'value="ミナト"' in page  # nothing typed is lost
    assert admin.post(f"/settings/brands/{number}", data=OURS | {"colour": "#ffcc00", "nearest": "#8f7200"}).location
    assert (default_brand().colour, default_brand().name_ja) == ("#8f7200", "ミナト")


def test_a_nearest_colour_is_measured_like_any_other(admin):
    data = OURS | {"colour": "#ffcc00", "nearest": "#ffee00"}
    assert admin.post(f"/settings/brands/{default_brand().id}", data=data).status_code == 400


def test_there_is_one_default_at_any_moment(admin):
    first, second = default_brand(), make_brand()
    assert admin.post(f"/settings/brands/{second.id}/default").status_code == 303
    assert default_brand().id == second.id
    with pytest.raises(IntegrityError):
        make_brand(is_default=True)
    db.session.rollback()
    assert not brand(first.id).is_default


def test_the_default_brand_and_one_whose_mails_still_leave_cannot_be_archived(admin, standing):
    used, idle = make_brand(), make_brand()
    make_contact()
    campaign = make_campaign(brand=used, name="Autumn", version=None)
    invitations.launch(campaign, at=standing + timedelta(days=1))
    db.session.commit()
    assert admin.post(f"/settings/brands/{default_brand().id}/archive").status_code == 409
    refused = admin.post(f"/settings/brands/{used.id}/archive")
    assert (refused.status_code, "Autumn" in refused.text) == (409, True)
    assert admin.post(f"/settings/brands/{idle.id}/archive").status_code == 303
    assert admin.post(f"/settings/brands/{idle.id}/default").status_code == 409
    assert "Archived" in admin.get("/settings/brands").text
    admin.post(f"/settings/brands/{idle.id}/return")
    assert brand(idle.id).archived_at is None


def test_a_brand_in_whose_name_an_open_link_asks_cannot_be_archived(admin):
    used = make_brand()
    asked = questionnaire()
    asks = {"questionnaire": asked, "version": newest(asked), "product": default_product(), "created_at": clock.now()}
    save(OpenLink(name="Booth", brand=used, **asks))
    refused = admin.post(f"/settings/brands/{used.id}/archive")
    assert (refused.status_code, "Booth" in refused.text) == (409, True)


def test_a_brand_that_is_not_there_is_not_found(admin):
    assert [admin.get(f"/settings/brands/{n}").status_code for n in (999, 2**70)] == [404, 404]


def test_a_logo_is_uploaded_shown_and_taken_away(admin, client):
    number = default_brand().id
    assert upload(admin, number, picture()).status_code == 303
    shown = default_brand().logo
    page = admin.get(f"/settings/brands/{number}").text
    assert f'src="/brands/{number}/{shown}.png"' in page
    answer = client.get(f"/brands/{number}/{shown}.png")
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (
        200, "image/png", "public, max-age=31536000, immutable",
    )  # fmt: skip
    assert "Set-Cookie" not in answer.headers
    admin.post(f"/settings/brands/{number}/logo/removal")
    assert default_brand().logo == ""
    assert client.get(f"/brands/{number}/{shown}.png").status_code == 200  # mails that show it are out there


def test_the_same_logo_twice_is_one(admin):
    for _ in range(2):
        upload(admin, default_brand().id, picture())
    assert db.session.query(BrandLogo).count() == 1


@pytest.mark.parametrize("path", ["1/x.png", "1/..png", "999/0123.png", "1/0123456789abcdef.png"])
def test_there_is_no_picture_of_another_name(client, path):
    answer = client.get(f"/brands/{path}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "logo.png"), (bomb(), "logo.png"),
     (picture()[:100], "logo.png"), (b"x" * (2 * 1024 * 1024 + 1), "logo.png")],
)  # fmt: skip
def test_what_is_no_picture_is_refused_beside_the_field(admin, data, name):
    page = upload(admin, default_brand().id, data, name)
    assert (page.status_code, "field__error" in page.text, default_brand().logo) == (400, True, "")


def test_no_file_is_said_beside_the_field(admin):
    page = admin.post(f"/settings/brands/{default_brand().id}/logo", data={})
    assert (page.status_code, "Please choose a picture." in page.text) == (400, True)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_sample_of_the_mail_is_shut_in(admin, language):
    admin.post("/language", data={"language": language})
    answer = admin.get(f"/settings/brands/{default_brand().id}/sample")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert (default_brand().name_in(language) in answer.text, "1-2-3 Kaigan" in answer.text) == (True, True)


def test_the_list_takes_as_many_queries_for_many_brands_as_for_few(admin, count_queries):
    make_brand()
    with count_queries() as few:
        admin.get("/settings/brands")
    for _ in range(10):
        make_brand(archived_at=clock.now())
        upload(admin, make_brand().id, picture())
    with count_queries() as many:
        admin.get("/settings/brands")
    assert len(many) == len(few)
