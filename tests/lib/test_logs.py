"""What stands in the log, and what does not (X-19)."""

from __future__ import annotations

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from surveys.delivery.models import Suppression, SuppressionReason
from surveys.lib import clock, logs
from surveys.lib.db import db


@pytest.fixture
def as_before():
    yield
    logs.configure()


def test_an_error_of_the_database_is_logged_without_the_values_it_was_about(app, as_before, capsys):
    logs.configure()
    for _ in range(2):
        reason = SuppressionReason.MANUAL
        db.session.add(
            Suppression(address_key="taro@example.com", reason=reason, note="geheim\n\nzwei", created_at=clock.now())
        )
    with pytest.raises(DBAPIError) as caught:
        db.session.flush()
    db.session.rollback()
    structlog.get_logger().error("failed", error=str(caught.value), exc_info=caught.value)
    told = capsys.readouterr().err
    assert "IntegrityError" in told
    assert [word for word in ("taro@example.com", "geheim", "zwei") if word in told] == []


def test_a_failing_row_with_several_lines_is_left_out_and_the_rest_stays():
    told = "null value in column\nDETAIL:  Failing row contains (1, taro\n\nYamada).\n[SQL: INSERT …]"
    assert logs._without_values(None, "", {"error": told, "status": 500}) == {
        "error": "null value in column\n[SQL: INSERT …]",
        "status": 500,
    }
