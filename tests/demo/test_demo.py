"""The demo company: it tells its story, breaks no rule, and goes without a trace."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from surveys.auth.models import StaffUser
from surveys.customers.models import Account, Contact, Contract
from surveys.delivery.models import MailboxMail
from surveys.demo import actions
from surveys.followups import queries as followups
from surveys.invitations import queries as invitations
from surveys.invitations.models import Campaign
from surveys.lib import clock
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.lib.tokens import Purpose, hidden, token
from surveys.openlinks import queries as open_links
from surveys.reports.proof import faults
from surveys.reports.queries import Period, scores
from surveys.responses.models import Response
from surveys.scales import Verdict
from surveys.search.queries import mentions
from surveys.settings.queries import organisation
from surveys.tags.models import ResponseTag, Tag
from tests import factories
from tests.intake.customers import answer, link


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


@pytest.mark.slow
@pytest.mark.only("sqlite")
def test_the_demo_tells_its_story_obeys_every_rule_and_can_be_removed(app, client):
    actions.seed()
    db.session.commit()

    assert faults() == []
    assert (count(Account), 1480 <= count(Contact) <= 1520, 2000 <= count(Response) <= 2500) == (120, True, True)

    (nps, *_rest) = scores(Period(90, clock.today(organisation().timezone)))
    assert (nps.kind.key, nps.summary.rounded, nps.summary.n, nps.change.verdict) == ("nps", -11, 171, Verdict.NOISE)

    last = db.session.scalars(
        select(Campaign).where(Campaign.name.startswith("NPS")).order_by(Campaign.id.desc())
    ).first()
    counts = invitations.counts(last)
    assert (counts.audience, counts.sent, counts.held, counts.failed) == (742, 688, 49, 5)

    urgent = followups.next_to_take(0)
    assert urgent.account.name == "あおば物流"

    csv = db.session.scalars(select(Tag).where(Tag.name.startswith("帳票・CSV"))).one()
    voices = select(Response.account_id).join(ResponseTag).where(ResponseTag.tag_id == csv.id)
    accounts = set(db.session.scalars(voices))
    revenue = db.session.scalar(select(func.sum(Contract.mrr)).where(Contract.account_id.in_(accounts)))
    assert (len(db.session.scalars(voices).all()), len(accounts), revenue) == (23, 14, 3_100_000)

    commented = db.session.scalar(select(func.count()).where(Response.comment != ""))
    assert 0.35 < commented / count(Response) < 0.45
    assert count(MailboxMail) == 30

    (room,) = db.session.scalars(open_links.links())
    assert (open_links.numbers(room).n, open_links.numbers(room).counting) == (40, 40)

    admin = db.session.scalars(select(StaffUser).where(StaffUser.email.startswith("admin@"))).one()
    factories.log_in(client, admin)
    assert client.get("/settings/demo").status_code == 200
    gone = client.post("/settings/demo")
    assert (gone.status_code, count(Account), count(StaffUser), count(Response)) == (200, 0, 0, 0)
    assert organisation().is_demo is False and client.get("/").status_code in (302, 303)


@pytest.fixture
def demo(app, client):
    """A demo of one customer, who has answered."""
    organisation().is_demo = True
    asked = factories.make_invitation()
    answer(client, asked, 3, "The demo's export is slow")
    return asked


def _removed(admin):
    assert admin.post("/settings/demo").status_code == 200
    organisation().name = "Aoba"
    db.session.commit()


def test_after_the_removal_real_answers_are_kept_with_their_words_and_found_by_them(demo, admin, client):
    _removed(admin)
    real = factories.make_invitation()
    answer(client, real, 8, "Fine, but the invoice is late")
    found = {
        words: db.session.scalars(select(Response.id).where(mentions(words))).all() for words in ("export", "late")
    }
    assert found == {"export": [], "late": [db.session.scalars(select(Response.id)).one()]}


def test_a_link_of_the_demo_opens_nothing_once_it_is_removed(demo, admin, client):
    number, of_the_demo = demo.id, link(demo)
    assert client.get(of_the_demo).status_code == 200
    _removed(admin)
    real = factories.make_invitation(id=number)
    assert (client.get(of_the_demo).status_code, client.get(link(real)).status_code) == (404, 200)


def test_another_process_learns_of_the_new_key_and_addresses_stay_hidden_alike(app, admin, demo, monkeypatch):
    its_ring, before = app.extensions["koe.keyring"], (token(Purpose.SURVEY, 1), hidden("taro@aoba.example.com"))
    _removed(admin)
    ours = token(Purpose.SURVEY, 1)
    app.extensions["koe.keyring"] = its_ring
    monkeypatch.setattr("surveys.lib.tokens.LOOK_AGAIN", 0.0)
    assert (token(Purpose.SURVEY, 1) == ours, ours == before[0]) == (True, False)
    assert hidden("taro@aoba.example.com") == before[1]


def test_a_house_with_customers_is_not_filled(app):
    factories.make_account()
    with pytest.raises(Refused):
        actions.seed()


def test_what_is_no_demo_cannot_be_removed(admin):
    factories.make_account()
    assert (admin.get("/settings/demo").status_code, admin.post("/settings/demo").status_code) == (404, 409)
    assert count(Account) == 1


def test_only_an_administrator_may_remove_it(lead):
    assert lead.get("/settings/demo").status_code == 403
