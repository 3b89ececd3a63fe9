"""The schema: made by migrations, the same as the models say, up and down with data on both databases."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from surveys.delivery.models import Message
from surveys.lib import clock
from surveys.lib.db import Base, db
from surveys.search import actions as search
from tests import factories


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
