"""The schema: made by migrations, the same as the models say, up and down with data on both databases."""

from __future__ import annotations

import json

import flask_migrate
import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError

from surveys.delivery.models import Message
from surveys.invitations.models import Campaign
from surveys.lib import clock
from surveys.lib.db import Base, db
from surveys.questionnaires.models import Questionnaire
from surveys.questionnaires.offers import of
from surveys.responses.models import Response
from surveys.search import actions as search
from surveys.search.queries import mentions
from surveys.settings.queries import default_brand, organisation
from tests import factories

OLD_ROWS = (
    "INSERT INTO organisation (id, name, name_ja, legal_name, postal_address, sender_name, sender_address, reply_address,"
    " contact_url, privacy_url, signature, locale, timezone, opens_at, closes_at, keeps_japanese_holidays, cancel_minutes,"
    " cancel_above, edit_days, first_contact_hours, weights, revision, is_demo, tour_dismissed, setup_code, address_mark)"
    " VALUES (1, 'Minato', 'ミナト', 'Minato K.K.', '1-2-3 Kaigan', 'Yui', 'voice@minato.example.com', '', '', '',"
    " 'Yui\nMinato', 'ja', 'Asia/Tokyo', 540, 1080, true, 5, 50, 7, '{}', '{}', 3, false, false, '', '')",
    "INSERT INTO product (id, key, name, name_ja, is_default) VALUES (1, 'product', 'Minato Time', '', true)",
    "INSERT INTO kind (key, position, name, name_ja, low, high, direction, segments, headline, is_relationship)"
    " VALUES ('nps', 0, 'NPS', 'NPS', 0, 10, 'higher', '{}', 'nps', true)",
    "INSERT INTO questionnaire (id, key, name, name_ja, kind_key, created_at)"
    " VALUES (1, 'nps-default', 'NPS', '', 'nps', '2026-11-01 00:00:00')",
    "INSERT INTO campaign (id, name, questionnaire_id, product_id, audience, state, skips_waits, created_at, planned_to,"
    " row_version) VALUES (1, 'Autumn', 1, 1, '{}', 'draft', true, '2026-11-01 00:00:00', 0, 1)",
)
"""An installation of the first version, as far as it matters here."""
OFFERS = json.dumps(
    [
        {
            "texts": {"en": "A", "ja": "あ"},
            "url": f"https://a.jp/{n}",
            "tiers": [],
            "segments": [],
            "is_promotion": False,
        }
        for n in (1, 2)
    ]
)
OLD_ROWS_LATER = (
    OLD_ROWS[2],
    "INSERT INTO questionnaire (id, key, name, name_ja, kind_key, created_at, asks_contact, offers)"
    f" VALUES (1, 'nps-default', 'NPS', '', 'nps', '2026-11-01 00:00:00', 'bad', '{OFFERS.replace(':', chr(92) + ':')}')",
)


@pytest.fixture
def bare_app(make_app, bare_database_url):
    app = make_app(bare_database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables():
    db.session.rollback()
    own = {name for name in inspect(db.engine).get_table_names() if not name.startswith("response_text")}
    return own - {"alembic_version"}


def test_migrations_make_the_tables_of_the_models(bare_app):
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    flask_migrate.check()


def test_migrations_go_up_and_down_and_up_again_with_data(bare_app):
    flask_migrate.upgrade()
    factories.make_ready()
    case = factories.make_case()
    answer = case.responses[0]
    search.index(answer.id, "料金が高い", is_new=True)
    db.session.commit()
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)


def test_an_installation_keeps_what_it_said_about_itself_when_brands_come(bare_app):
    """What stood with the organisation is the default brand's now, for every campaign there is; and back again."""
    flask_migrate.upgrade(revision="0002")
    with db.engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    flask_migrate.upgrade()
    said = default_brand()
    assert (said.name, said.name_ja, said.sender_address, said.legal_name) == (
        "Minato", "ミナト", "voice@minato.example.com", "Minato K.K.",
    )  # fmt: skip
    assert (said.colour, said.logo, said.signature_ja) == ("#0b5563", "", "")
    assert organisation().name_ja == "ミナト" and organisation().asks_for_approval is False
    campaign = db.session.scalars(select(Campaign)).one()
    assert (campaign.brand_id, campaign.changed_at, campaign.approved_at) == (said.id, campaign.created_at, None)
    assert campaign.changed_by_id is None
    db.session.remove()
    flask_migrate.downgrade(revision="0002")
    kept = db.session.execute(text("SELECT name, sender_address, signature FROM organisation")).one()
    db.session.rollback()
    assert tuple(kept) == ("Minato", "voice@minato.example.com", "Yui\nMinato")


def test_words_of_further_answers_are_found_once_they_were_migrated(bare_app):
    """By those who had asked for them before; back again, and the index says what it said."""
    flask_migrate.upgrade()
    factories.make_ready()
    asked = {"key": "q1", "kind": "text", "words": {"en": {"text": "One wish?"}}}
    ticked = {"key": "q2", "kind": "choice", "options": ["1"], "words": {"en": {"text": "Which?"}}}
    campaign = factories.make_campaign()
    campaign.version.questions = [asked, ticked]
    mute = factories.make_response(campaign=campaign, comment="", answers={"q1": "Dark mode", "q2": "1"})
    said = factories.make_response(campaign=campaign, comment="料金が高い", answers={"q1": "Excel", "q2": "1"})
    only = factories.make_response(campaign=campaign, comment="Slow", answers={"q2": "1"})
    db.session.commit()
    numbers = (mute.id, said.id, only.id)
    db.session.remove()
    flask_migrate.downgrade(revision="0006")
    search.index_many(db.session.connection(), [(numbers[1], ["料金が高い"]), (numbers[2], ["Slow"])])
    db.session.commit()
    db.session.remove()
    flask_migrate.upgrade()
    assert [holders(words) for words in ("dark", "excel", "料金", "slow")] == [
        {numbers[0]}, {numbers[1]}, {numbers[1]}, {numbers[2]},
    ]  # fmt: skip
    flask_migrate.downgrade(revision="0006")
    assert [holders(words) for words in ("dark", "excel", "料金", "slow")] == [
        set(), set(), {numbers[1]}, {numbers[2]},
    ]  # fmt: skip


def test_offers_keep_their_order_and_get_a_name_each_when_they_can_be_moved(bare_app):
    flask_migrate.upgrade(revision="0007")
    with db.engine.begin() as connection:
        for statement in OLD_ROWS_LATER:
            connection.execute(text(statement))
    flask_migrate.upgrade()
    kept = of(db.session.scalars(select(Questionnaire)).one())
    assert [each.url for each in kept] == ["https://a.jp/1", "https://a.jp/2"]
    assert all(each.key for each in kept) and kept[0].key != kept[1].key
    db.session.remove()
    flask_migrate.downgrade(revision="0007")
    assert all("key" not in each for each in db.session.scalars(select(Questionnaire)).one().offers)
    db.session.remove()


def holders(words):
    found = set(db.session.scalars(select(Response.id).where(mentions(words))))
    db.session.remove()
    return found


def test_migrating_again_changes_nothing(bare_app):
    flask_migrate.upgrade()
    factories.make_ready()
    user = factories.make_user()
    flask_migrate.upgrade()
    assert db.session.scalar(text("SELECT count(*) FROM staff_user")) == 1 and user.id == 1


def test_the_rules_of_the_models_are_kept_by_the_migrated_database(bare_app):
    flask_migrate.upgrade()
    factories.make_ready()
    answer = factories.make_response(5)
    with pytest.raises(IntegrityError):
        factories.make_response(6, invitation=answer.invitation)
    db.session.rollback()
    row = {"kind": "ask", "subject_id": 1, "to_address": "a@example.com", "address_key": "a", "created_at": clock.now()}
    with pytest.raises(IntegrityError):
        factories.save(Message(**row, not_before=clock.now(), state="sending", phase=""))
    db.session.rollback()
