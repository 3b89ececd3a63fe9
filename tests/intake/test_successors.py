"""The wrong person says whom to ask instead: kept for staff, who make a contact of it or set it aside."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from surveys.customers.models import Contact, Successor
from surveys.delivery.models import Message
from surveys.events.models import Event
from surveys.lib.db import db
from tests import factories
from tests.intake.customers import link
from tests.invitations.lines import launched, run

NAMED = {"why": "left", "name": "Ken Mori", "email": "ken@customer.example.com", "words": "He took over in May."}


@pytest.fixture
def invitation(app):
    account = factories.make_account(name="Aoba")
    contact = factories.make_contact(name="Ann Lee", email="ann@customer.example.com", account=account, language="ja")
    return factories.make_invitation(contact=contact, language="en")


def tell(client, invitation, **fields):
    return client.post(f"{link(invitation)}/not-me", data=fields)


def named() -> list[Successor]:
    return list(db.session.scalars(select(Successor).order_by(Successor.id)))


def test_who_is_named_waits_for_staff_and_gets_no_mail(client, invitation):
    done = tell(client, invitation, **NAMED)
    assert done.status_code == 303
    page = client.get(done.headers["Location"]).text
    assert "Thank you for telling us" in page
    assert "Nobody gets a mail by itself" in page
    (successor,) = named()
    assert (successor.name, successor.email, successor.words) == (NAMED["name"], NAMED["email"], NAMED["words"])
    assert invitation.contact.unreachable == "left"
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


def test_what_was_typed_is_shown_to_nobody_with_the_link(client, invitation):
    """X-04: the mail may have been forwarded."""
    tell(client, invitation, **NAMED)
    for path in ("/not-me", "/not-me?named=1", ""):
        page = client.get(f"{link(invitation)}{path}").text
        for secret in ("Ken", "ken@", "took over", "Ann"):
            assert secret not in page


def test_a_name_can_be_given_later_and_twice_the_same_is_once(client, invitation):
    tell(client, invitation, why="left")
    assert "Who is in charge now?" in client.get(f"{link(invitation)}/not-me").text
    for _ in range(2):
        assert tell(client, invitation, name="Ken Mori").status_code == 303
    assert [(each.name, each.email) for each in named()] == [("Ken Mori", "")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "nobody", "This is not an e-mail address."),
        ("email", "a@x.jp, b@y.jp", "This is not an e-mail address."),
        ("email", "a@x.jp\r\nBcc: b@y.jp", "This is not an e-mail address."),
        ("email", "a" * 300 + "@x.jp", "E-mail address"),
        ("name", "n" * 121, "Name"),
        ("words", "w" * 501, "A word about it"),
        ("why", "nonsense", "What is the matter?"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost_or_stored(client, invitation, field, value, said):
    page = tell(client, invitation, **(NAMED | {field: value}))
    assert page.status_code == 400
    assert said in page.text
    kept = {"name": "Ken Mori", "words": "He took over in May."}
    assert all(words in page.text for name, words in kept.items() if name != field)
    assert (named(), invitation.contact.unreachable) == ([], "")


def test_no_name_breaks_out_of_a_page_or_a_header(client, invitation, lead):
    """X-05, X-07: what strangers type stays text, on one line."""
    payload = '"><x-probe onload=alert(1)>\r\nBcc: c@d.jp\u2028\u202e'
    tell(client, invitation, why="left", name=payload, words="<script>alert(1)</script>")
    (successor,) = named()
    assert not {"\r", "\n", "\u2028", "\u202e"} & set(successor.name)
    for path in (
        "/", "/customers", "/customers/successors", f"/customers/successors/{successor.id}",
        f"/contacts/{invitation.contact_id}",
    ):  # fmt: skip
        page = lead.get(path).text
        assert "<x-probe" not in page
        assert "<script>alert" not in page


def test_nobody_names_without_end(client, invitation):
    """The person: three at a time. The network: twenty an hour."""
    for number in range(3):
        assert tell(client, invitation, name=f"Ken {number}").status_code == 303
    page = tell(client, invitation, name="One more")
    assert (page.status_code, "We will look at them first" in page.text, "One more" in page.text) == (429, True, True)
    for _ in range(16):
        tell(client, invitation, name="Ken 1")
    refused = tell(client, invitation, name="Ken 1", words="Since May", shown_in="ja")
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    assert all(f"<p>{words}</p>" in refused.text for words in ("Ken 1", "Since May"))
    assert 'name="words" value="Since May"' in refused.text and '<html lang="ja">' in refused.text
    assert len(named()) == 3


def test_staff_see_how_many_wait_wherever_they_would_look(client, invitation, lead, viewer):
    assert "named as a successor" not in lead.get("/").text
    tell(client, invitation, **NAMED)
    for path in ("/", "/customers", "/customers?view=contacts"):
        assert "1 person was named as a successor" in lead.get(path).text
        assert "named as a successor" not in viewer.get(path).text
    assert "Ken Mori" in lead.get("/customers/successors").text
    assert "Named as in charge now: Ken Mori" in lead.get(f"/contacts/{invitation.contact_id}").text


def test_accepting_makes_a_contact_at_the_same_account_and_the_old_one_has_left(client, invitation, lead):
    tell(client, invitation, **(NAMED | {"why": "wrong_address"}))
    (successor,) = named()
    page = lead.get(f"/customers/successors/{successor.id}").text
    assert "He took over in May." in page
    done = lead.post(
        f"/customers/successors/{successor.id}",
        data={"name": "Ken Mori", "email": "ken@customer.example.com", "language": "ja"},
    )
    assert done.status_code == 303
    ken = db.session.scalars(select(Contact).where(Contact.email == "ken@customer.example.com")).one()
    assert (ken.name, ken.account_id, ken.language) == ("Ken Mori", invitation.account_id, "ja")
    assert (invitation.contact.unreachable, named()[0].taken_id) == ("wrong_address", ken.id)
    assert "Successor:" in lead.get(f"/contacts/{invitation.contact_id}").text
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    assert run(launched(key="ces-default")).recipients == ["ken@customer.example.com"]
    assert "Nobody waits here" in lead.get("/customers/successors").text


def test_somebody_who_is_known_already_is_linked_and_not_changed(client, invitation, lead):
    known = factories.make_contact(name="Kenji M.", email="ken@customer.example.com")
    before = known.account_id
    tell(client, invitation, **NAMED)
    (successor,) = named()
    assert "This address is known already" in lead.get(f"/customers/successors/{successor.id}").text
    lead.post(f"/customers/successors/{successor.id}", data={"email": "KEN@customer.example.com", "language": "en"})
    assert (named()[0].taken_id, known.name, known.account_id) == (known.id, "Kenji M.", before)


def test_the_own_address_is_nobodys_successor(client, invitation, lead):
    tell(client, invitation, why="left", email="ann@customer.example.com")
    page = lead.post(
        f"/customers/successors/{named()[0].id}", data={"email": "ann@customer.example.com", "language": "en"}
    )
    assert (page.status_code, named()[0].decided_at) == (400, None)


def test_what_is_decided_is_decided(client, invitation, lead):
    tell(client, invitation, **NAMED)
    (successor,) = named()
    lead.post(f"/customers/successors/{successor.id}/dismissal")
    again = lead.post(
        f"/customers/successors/{successor.id}", data={"email": "ken@customer.example.com", "language": "en"}
    )
    assert (again.status_code, named()[0].taken_id) == (409, None)
    kinds = db.session.scalars(select(Event.kind).where(Event.subject_kind == "contact").order_by(Event.id)).all()
    assert kinds == ["contact_unreachable", "successor_named", "successor_dismissed"]


def test_agents_decide_at_their_own_accounts_only(client, invitation, agent, log_in):
    tell(client, invitation, **NAMED)
    path = f"/customers/successors/{named()[0].id}"
    assert (agent.get(path).status_code, agent.post(f"{path}/dismissal").status_code) == (403, 403)
    assert "Ken" not in agent.get("/customers/successors").text
    invitation.contact.account.owner = agent.user
    db.session.commit()
    assert "Ken Mori" in agent.get("/customers/successors").text
    assert agent.get(path).status_code == 200


def test_a_mistake_can_be_mended(client, invitation, lead):
    tell(client, invitation, why="left")
    assert "Can be reached after all" in lead.get(f"/contacts/{invitation.contact_id}").text
    lead.post(f"/contacts/{invitation.contact_id}/return")
    assert invitation.contact.unreachable == ""


def test_the_list_costs_the_same_however_many_wait(client, invitation, lead, count_queries):
    def cost():
        with count_queries() as seen:
            lead.get("/customers/successors")
        return len(seen)

    tell(client, invitation, name="Ken 1")
    once = cost()
    for number in range(5):
        factories.save(Successor(contact=factories.make_contact(), name=f"Ken {number}"))
    assert cost() == once
