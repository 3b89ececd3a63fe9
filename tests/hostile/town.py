"""A town with one of everything at least: no table is empty, no page has nothing to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveys.auth import actions as auth
from surveys.auth import limits
from surveys.auth import mails as auth_mails
from surveys.auth.models import LinkPurpose, StaffUser
from surveys.customers import actions as customers
from surveys.customers import imports
from surveys.customers.imports import uploads
from surveys.customers.models import Account, Contact, ImportRun, ImportState
from surveys.delivery import actions as delivery
from surveys.delivery.mail import Letter
from surveys.delivery.models import MailboxMail, Message, MessageState, SenderPause, SuppressionReason
from surveys.followups import actions as followups
from surveys.followups import queries as followup_queries
from surveys.followups.models import Case, CaseState, Lane, Outcome
from surveys.invitations import actions as campaigns
from surveys.invitations import intents, news
from surveys.invitations.models import Campaign, CampaignState, Invitation
from surveys.invitations.models import Outcome as Fate
from surveys.invitations.planning import ASK
from surveys.invitations.rules import Rule
from surveys.jobs import message_kinds
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.jobs import JobRun
from surveys.measures import actions as measures
from surveys.openlinks.models import Doubt, OpenAnswer, OpenLink
from surveys.questionnaires import actions as questionnaires
from surveys.questionnaires import offers
from surveys.questionnaires.offers import Offer
from surveys.responses.models import Change, Response, ResponseChange
from surveys.settings import actions as settings
from surveys.settings.models import BrandLogo
from surveys.settings.queries import default_brand, default_product, organisation
from surveys.tags import actions as tags
from tests import factories
from tests.design import world
from tests.intake.test_further import QUESTIONS
from tests.settings.pictures import picture

HOST = "help.minato.example.com"
DAY = date(2026, 11, 12)
ANSWERS = {"q1": "2", "q2": ["1", "3"], "q3": 4, "q4": "no", "q5": "One wish"}
LIST = (
    "E-mail address,Name,Department,Account,Tier,Owner,Industry\n"
    "new@list.example.com,New Person,Sales,New Account,High touch,Nobody Known,Logistics\n"
    "hannah@list.example.com,Hannah Again,Legal,Harbor & Finch,Low touch,,Shipping\n"
)
BAD_ROW = "not an address,Bad Person,Sales,New Account,No tier,,\n"


@dataclass
class Town:
    """What the walk through it has to know: who asks, and the rows whose pages stand at no link."""

    admin: StaffUser
    campaign_id: int
    asked: dict[str, int]
    """Invitations by what became of them."""
    link: str
    """The path of a colleague's one-time link."""

    @property
    def beside(self) -> list[str]:
        """Pages of rows that no list shows among its first."""
        cases = [f"/cases/{number}" for number in db.session.scalars(select(Case.id))]
        answers = [f"/responses/{number}" for number in db.session.scalars(select(Response.id))]
        imports = [f"/imports/{number}" for number in db.session.scalars(select(ImportRun.id))]
        drafts = [f"/campaigns/{number}" for number in db.session.scalars(select(Campaign.id))]
        mails = [
            f"/mailbox/{number}{rest}"
            for number in db.session.scalars(select(MailboxMail.id))
            for rest in ("", "/html")
        ]
        posters = [f"/open-links/{number}/{page}" for number in range(1, 4) for page in ("sheet", "presentation")]
        alone = [f"/campaigns/{self.campaign_id}/people?outcome=held", "/users/1/departure", self.link]
        return [*cases, *answers, *imports, *drafts, *mails, *posters, *alone]


def build() -> Town:
    world.build()
    admin = factories.make_user(role=Role.ADMIN, name="Aoi Tanaka", email="aoi@koe.example.com", department="Success")
    link = _ourselves(admin)
    campaign = _questionnaire(admin)
    town = Town(admin, campaign.id, _invitations(campaign), link)
    _answers(campaign, admin)
    _cases(campaign, admin)
    _open_answers()
    _customers(admin)
    _mails(admin, town.asked)
    _campaigns(admin)
    db.session.commit()
    measures.rebuild()
    db.session.commit()
    return town


def visitor(app: Flask, town: Town, language: str) -> FlaskClient:
    """The administrator, who reads this language."""
    town.admin.locale = language
    db.session.commit()
    client = app.test_client()
    factories.log_in(client, town.admin)
    return client


def _ourselves(admin: StaffUser) -> str:
    """Brands, products, closed days, colleagues; the path of a one-time link."""
    ours, brand = organisation(), default_brand()
    ours.offer_hosts, ours.asks_for_approval = [HOST], True
    for each in (brand, factories.make_brand(name="Second")):
        each.name_ja, each.legal_name_ja, each.sender_name_ja = "ミナト", "ミナト株式会社", "佐藤 結衣"
        each.postal_address_ja, each.signature, each.signature_ja = "東京都港区", "Minato\nYui Sato", "ミナト\n佐藤"
        each.contact_url, each.privacy_url = "https://minato.example.com/contact", "https://minato.example.com/privacy"
    settings.show_logo(brand, picture("PNG"), by=admin)
    settings.archive_product(settings.add_product("Old product", "旧製品", by=admin), by=admin)
    settings.add_product("Payroll", "給与", by=admin)
    default_product().name_ja = "勤怠"
    settings.close(date(2026, 12, 29), date(2027, 1, 3), "New Year", by=admin)
    gone = factories.make_user(name="Gone Colleague", role=Role.AGENT, department="Support")
    auth.deactivate(gone, by=admin)
    limits.note("a-key", clock.now())
    link = auth.make_link(factories.make_user(name="New Colleague"), LinkPurpose.INVITE, timedelta(days=3), by=admin)
    auth_mails.send(link)
    return f"/links/{link.secret}"


def _questionnaire(admin: StaffUser) -> Campaign:
    """What the first campaign asks: every kind of further question, and offers on the page of thanks."""
    campaign = db.session.get_one(Campaign, 1)
    asked = campaign.questionnaire
    campaign.version.questions = QUESTIONS
    campaign.version.freeze()
    asked.name_ja, asked.asks_contact = asked.name_ja or "推奨度", "always"
    for number, use in enumerate(("Read", "Come", "Talk"), 1):
        texts = {"en": f"{use} with us", "ja": f"ご案内 {number}"}
        offers.put(asked, Offer(texts=texts, url=f"https://{HOST}/{number}"), by=admin)
    questionnaires.create("Own question", asked, by=admin)
    campaign.state, campaign.launched_at, campaign.deadline_on = CampaignState.SENDING, clock.now(), DAY
    return campaign


def _invitations(campaign: Campaign) -> dict[str, int]:
    """One of each fate, in both languages."""
    now, found = clock.now(), {}
    held = {
        "on hold": (Rule.OPEN_MATTER, {"what": "account", "words": "Talks about the contract"}),
        "missing": (Rule.MISSING, {"what": "facts", "words": "The subject is missing"}),
        "left": (Rule.NEVER, {"why": "opt_out"}),
    }
    for name, (rule, reason) in held.items():
        values = {"outcome": Fate.HELD, "held_rule": rule, "held_reason": reason, "sent_at": None}
        found[name] = factories.make_invitation(campaign=campaign, **values).id
    failed = factories.make_invitation(campaign=campaign, outcome=Fate.FAILED, failure="550 no such person")
    unknown = factories.make_invitation(campaign=campaign, outcome=Fate.UNKNOWN)
    found |= {"failed": failed.id, "unknown": unknown.id}
    for language in ("en", "ja"):
        for name in ("fresh", "answering", "leaving", "wrong", "late"):
            contact = factories.make_contact(language=language, name="花田 桜" if language == "ja" else "Jo Field")
            found[f"{name} {language}"] = factories.make_invitation(campaign=campaign, contact=contact).id
    closed = factories.make_invitation(campaign=campaign, closes_at=now - timedelta(days=1))
    intents.seen(found["fresh en"])
    return found | {"closed": closed.id}


def _answers(campaign: Campaign, admin: StaffUser) -> None:
    """With words and further answers, out of the score, held, changed; and what became of one."""
    now = clock.now()
    for response in db.session.scalars(select(Response).order_by(Response.id)):
        response.answers, response.wants_contact = ANSWERS, True
        changed = ResponseChange(
            response_id=response.id, at=now, score=1, kind=Change.CHANGED, evidence=response.evidence
        )
        changed.comment, changed.answers, changed.by_id = "Before", ANSWERS, admin.id
        db.session.add(changed)
        news.tell(
            response.contact,
            {"en": "It is sorted now.", "ja": "並べ替えました。"},
            happened_on=DAY,
            invitation=response.invitation,
            by=admin,
        )
    factories.make_response(5, campaign=campaign, comment="Not ours", excluded_at=now, excluded_reason="A test")
    factories.make_response(6, campaign=campaign, comment="A machine", quarantined_at=now, quarantine=["too_fast"])
    staff = factories.make_response(8, campaign=campaign, comment="By phone", source="staff", entered_by_id=admin.id)
    parent = factories.make_tag("Money")
    child = factories.make_tag("Invoices", parent_id=parent.id)
    first = db.session.get_one(Response, 1)
    for response in (first, staff):
        tags.change_tags(response, [], [parent, child], by=admin)


def _cases(campaign: Campaign, admin: StaffUser) -> None:
    """Everything that can stand in a timeline, and cases in every state."""
    now, open_cases = clock.now(), list(db.session.scalars(followup_queries.open_items()))
    for case in open_cases[:1]:
        followups.take(case.id, by=admin)
        followups.note(case.id, "Look at the contract", by=admin)
        followups.log_call(case.id, "They were upset", by=admin, channel="phone", result="talked", at=now)
        entry = followups.reply(
            case.id, "We are on it", by=admin, subject="Your answer", seen_entry_id=10**6, quotes=True
        )
        entry.data = {**entry.data, "fate": "rejected"}
    resolved, invalid, snoozed, light = (
        factories.make_case(responses=[factories.make_response(2, campaign=campaign)], lane=lane)
        for lane in (*[Lane.CASE] * 3, Lane.LIGHT)
    )
    light.contact.name = "Lara Light"
    resolved.state, resolved.resolved_at, resolved.resolved_by_id = CaseState.RESOLVED, now, admin.id
    resolved.cause, resolved.outcome, resolved.what_was_done = "product.defect", Outcome.SATISFIED, "Repaired it"
    followups.invalidate(invalid.id, by=admin, why="Sent by a test")
    followups.snooze(snoozed.id, by=admin, until=now + timedelta(days=2))
    followups.open_by_hand(factories.make_contact(name="Cole Hand"), by=admin, why="Asked for at the fair")


def _open_answers() -> None:
    """Answers of strangers with further answers; some in doubt, some left out."""
    now = clock.now()
    for link in db.session.scalars(select(OpenLink)):
        link.version.questions = link.version.questions or QUESTIONS
        answers = list(db.session.scalars(select(OpenAnswer).where(OpenAnswer.link_id == link.id)))
        for answer in answers:
            answer.answers = ANSWERS
        answers[0].doubted_at, answers[0].doubts = now, [next(iter(Doubt)).value]
        answers[1].excluded_at, answers[1].excluded_reason = now, "By one of us"


def _customers(admin: StaffUser) -> None:
    """Accounts with all their facts, and lists at every step of being taken in."""
    account = db.session.get_one(Account, 1)
    account.name_kana, account.external_key, account.owner_id = "アオバ", "A-1", admin.id
    account.properties = {"Industry": "Logistics"}
    customers.hold(account, "Talks about the contract", clock.today("Asia/Tokyo") + timedelta(days=9), by=admin)
    customers.set_revenue(account, default_product(), 480_000, "JPY", by=admin)
    for contact in db.session.scalars(select(Contact).where(Contact.id <= 4)):
        contact.name_kana, contact.honorific, contact.department, contact.title = "サトウ", "様", "Sales", "Head"
        contact.external_key, contact.properties = f"C-{contact.id}", {"Seat": "12A"}
    known = factories.make_contact(email="hannah@list.example.com", name="Hannah")
    known.account.name = "Harbor & Finch of the list"
    for text in (LIST, LIST + BAD_ROW, LIST):
        run = _list(text, admin)
        imports.choose(run, uploads.Mapping.read(run.mapping))
        db.session.commit()
    while customers.import_next():
        db.session.expire_all()
    finished = db.session.get_one(ImportRun, 1)
    imports.confirm(finished, by=admin)
    db.session.commit()
    while customers.import_next():
        db.session.expire_all()
    _list(LIST, admin)
    refused = _list(LIST, admin)
    refused.state, refused.finished_at, refused.content = ImportState.REFUSED, clock.now(), None
    refused.failure = {"flaw": "encoding", "line": 2, "column": None, "values": {"encoding": "latin-9"}}


def _list(text: str, admin: StaffUser) -> ImportRun:
    mapping = uploads.recognise(uploads.packed(text.encode()), imports.defaults(is_pasted=False))
    return imports.start("customers.csv", uploads.packed(text.encode()), mapping, by=admin)


def _mails(admin: StaffUser, asked: dict[str, int]) -> None:
    """Mails of every fate, a sender that stands still, addresses nobody writes to."""
    now, states = clock.now(), (MessageState.UNKNOWN, MessageState.REJECTED, MessageState.CANCELLED)
    for number, state in enumerate(states, 1):
        address = f"lost{number}@customer.example.com"
        message = Message(kind="ask", subject_id=10_000 + number, state=state, not_before=now, created_at=now)
        message.to_address, message.address_key, message.answer = address, address, "550 5.1.1 no such mailbox"
        message.sender, message.rule, message.settled_at = "voice@minato.example.com", "missing", now
        db.session.add(message)
    actor = SimpleNamespace(id=admin.id)
    delivery.suppress("away@customer.example.com", SuppressionReason.MANUAL, by=actor, note_text="Asked on the phone")
    db.session.add(
        SenderPause(since=now, until=now + timedelta(minutes=9), reason="535 wrong password", needs_operator=True)
    )
    db.session.add(JobRun(name="a job", slot=now, started_at=now))
    for number in (*range(1, 5), *(fresh for name, fresh in asked.items() if name.startswith("fresh"))):
        delivery.queue(ASK, number, to=f"asked{number}@customer.example.com")
    keep(
        "<first@minato.example.com>", Letter(sender=("", "a@b.example"), to=("", "c@d.example"), subject="x", text="y")
    )


def letters() -> list[tuple[str, Letter]]:
    """Every mail that waits, written as it would leave now, with its kind; kept in the mailbox as well."""
    kinds, written = message_kinds(), []
    for message in db.session.scalars(select(Message).where(Message.state == MessageState.PLANNED)):
        letter = kinds[message.kind].compose(message)
        written.append((message.kind, letter))
        keep(f"<{message.id}@minato.example.com>", letter)
    db.session.commit()
    return written


def keep(number: str, letter: Letter) -> None:
    """Put a mail into the built-in mailbox."""
    data = letter.as_sent(number, clock.now())
    head = message_from_bytes(data, policy=default)
    mail = MailboxMail(message_id=number, received_at=clock.now(), recipient="to@customer.example.com", raw=data)
    mail.sender, mail.subject = str(head["From"]), str(head["Subject"])
    db.session.add(mail)


def _campaigns(admin: StaffUser) -> None:
    """A draft with a narrow audience, one that waits, one that was stopped, and a test mail."""
    audience = {"tier": ["high_touch"], "properties": {"Industry": "Logistics"}}
    draft = factories.make_campaign(name="A draft", audience=audience)
    later = clock.now() + timedelta(days=2)
    factories.make_campaign(name="Later", state=CampaignState.SCHEDULED, send_at=later, held_back_until=later)
    factories.make_campaign(name="Stopped", state=CampaignState.CANCELLED, launched_at=clock.now())
    campaigns.send_test(draft, "en", to=admin)
    assert db.session.get(BrandLogo, (1, default_brand().logo)) is not None
    assert db.session.get(Invitation, 1) is not None
