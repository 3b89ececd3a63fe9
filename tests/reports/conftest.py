"""Answers of a score each, some days ago."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from surveys.lib import clock
from surveys.lib.db import db
from surveys.measures.actions import rebuild
from tests import factories

Answer = Callable[..., None]


@pytest.fixture
def answered(app: Any, standing: datetime) -> Answer:
    """Answers of one account to one campaign, and the counts after them."""
    made: dict[str, Any] = {}

    def make(scores: Iterable[int], *, days_ago: int = 1, key: str = "nps-default", **values: Any) -> None:
        campaign = made[key] = made.get(key) or factories.make_campaign(key=key)
        account = factories.make_account()
        for score in scores:
            contact = factories.make_contact(account=account)
            at = clock.now() - timedelta(days=days_ago)
            factories.make_response(score, contact=contact, campaign=campaign, answered_at=at, **values)
        rebuild()
        db.session.commit()

    return make
