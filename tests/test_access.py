"""Who may open which page (X-10): every route against every role, from a table a person wrote.

A route that is not in the table fails the build: whoever adds one decides here who may use it.
"""

from __future__ import annotations

import re

import pytest

from surveys.lib.access import Role
from surveys.lib.db import db
from tests.factories import log_in, make_campaign, make_case, make_contact, make_invitation, make_response, make_user

STAFF = {"admin", "lead", "agent", "product", "viewer"}
EVERYBODY = STAFF | {"nobody"}

# The table of roles in the product's description, line by line.
MAY = {
    "open": EVERYBODY,
    "read": STAFF,
    "contact details": {"admin", "lead", "agent", "product"},
    "work cases": {"admin", "lead", "agent"},
    "tag": {"admin", "lead", "agent", "product"},
    "own customers": {"admin", "lead", "agent"},
    "customers": {"admin", "lead"},
    "campaigns": {"admin", "lead"},
    "export": {"admin", "lead"},
    "administer": {"admin"},
}

ROUTES = {
    "open": """
        help.contents help.page auth.language auth.link auth.log_in auth.log_out auth.password_reset auth.password_reset_request auth.start
        intake.answer intake.answer_posted intake.leaving intake.leaving_posted intake.more intake.not_me intake.not_me_posted
        intake.thanks
        intake.withdrawal intake.withdrawal_posted openlinks_door.answer openlinks_door.answer_posted openlinks_door.kiosk
        openlinks_door.kiosk_posted openlinks_door.kiosk_thanks openlinks_door.thanks openlinks_door.worker reports.alive reports.ready
        settings.brand_picture static
    """,
    "read": """
        auth.password auth.profile auth.session_end auth.sessions_end auth.shortcuts
        browse.account browse.contact browse.response browse.voices customers.customers
        followups.case followups.queue intake_desk.quarantine invitations.campaign invitations.campaigns
        openlinks.code openlinks.open_link openlinks.open_links openlinks.presentation openlinks.sheet
        reports.further_answers questionnaires.mail questionnaires.page questionnaires.questionnaire questionnaires.questionnaires
        reports.chart reports.home
    """,
    "contact details": "invitations.people",
    "work cases": """
        intake_desk.entry intake_desk.told intake_desk.told_removal followups.assignment followups.assignment_undone followups.calls followups.closing followups.invalidity followups.new_case
        followups.next_assignment followups.notes followups.raising followups.readings followups.readings_undone
        followups.reopening followups.replies followups.resolution followups.snooze followups.waiting followups.waking
    """,
    "tag": "tags.archive tags.response_tags tags.tag tags.tags",
    "own customers": """
        customers.account_edit customers.account_hold customers.account_release customers.account_revenue
        customers.contact_edit customers.contact_new customers.contact_return
        customers.successor customers.successor_dismissal customers.successors
    """,
    "customers": """
        customers.account_new customers.import_cancellation customers.import_columns customers.import_confirmation
        customers.import_list customers.import_new customers.import_problems customers.import_run customers.import_sample
    """,
    "campaigns": """
        intake_desk.acceptance intake_desk.exclusion intake_desk.rejection delivery.acceptance delivery.attempt delivery.outgoing delivery.overdue delivery.repetition
        invitations.approval_given invitations.approval_withdrawal invitations.audience invitations.cancellation invitations.deletion invitations.mail invitations.new
        invitations.plan invitations.sending invitations.test_mail invitations.unknown
        openlinks.acceptance openlinks.acceptances openlinks.address openlinks.archive openlinks.details openlinks.exclusion
        openlinks.exclusions openlinks.new openlinks.restoration openlinks.wording
        questionnaires.asked_page questionnaires.new questionnaires.new_question questionnaires.question
        questionnaires.question_removal questionnaires.questions questionnaires.wording questionnaires.written_mail
        questionnaires.written_page
        questionnaires.new_offer questionnaires.offer questionnaires.offer_removal questionnaires.offers
        questionnaires.offers_order
        settings.calendar settings.closure_end settings.closures settings.new_product settings.product
        settings.product_archive settings.product_default settings.product_return settings.products settings.rules
        settings.settings
    """,
    "export": "browse.export openlinks.export",
    "administer": """
        auth.departure auth.new_user auth.user auth.user_link auth.user_return auth.users
        delivery.mailbox delivery.mailbox_html delivery.mailbox_mail delivery.suppression delivery.suppressions
        demo.removal reports.installation reports.tour_dismissal settings.brand settings.brand_archive settings.brand_default
        settings.brand_logo settings.brand_logo_removal settings.brand_return settings.brand_sample settings.brands settings.hosts
        settings.new_brand settings.organisation
        questionnaires.kind questionnaires.kind_removal questionnaires.kinds questionnaires.new_kind
        start.campaign start.mail start.people start.sender start.sending start.test_mail
    """,
}  # fmt: skip
NEEDED = {endpoint: line for line, endpoints in ROUTES.items() for endpoint in endpoints.split()}
NUMBERS = dict.fromkeys(("id", "invitation_id", "contact_id", "account_id", "answer_id", "number"), 999_999)
VALUES = (
    NUMBERS
    | dict.fromkeys(("token", "secret", "name", "key"), "x")
    | {"code": "en", "language": "en", "kind": "nps", "ending": "csv"}
)
PIECE = re.compile(r"<(?:\w+:)?(\w+)>")


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def address(rule, values=VALUES):
    return PIECE.sub(lambda piece: str(values[piece[1]]), rule.rule)


def methods(rule):
    return sorted(rule.methods & {"GET", "POST"})


def was_let_in(answer, line):
    """Past the guard: whatever came then, also a refusal of what was asked or a thing that does not exist."""
    was_sent_to_log_in = line != "open" and (answer.location or "").startswith("/login")
    return answer.status_code != 403 and not was_sent_to_log_in


def test_every_route_is_in_the_table_and_every_line_of_the_table_is_a_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(NEEDED)


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(app, who):
    user = make_user(role=Role(who)) if who in STAFF else None
    wrong = []
    for rule in rules(app):
        for method in methods(rule):
            browser = app.test_client()
            if user is not None:
                log_in(browser, user)
            answer = browser.open(address(rule), method=method)
            answer.close()
            line = NEEDED[rule.endpoint]
            expected = who in MAY[line]
            is_hidden = line != "open" and answer.status_code == 404 and not expected
            if was_let_in(answer, line) is not expected and not is_hidden:
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
            assert answer.status_code != 500, rule.rule
    assert wrong == []


def test_strangers_are_sent_to_log_in_and_get_no_word_of_the_page(app):
    secret = make_contact(name="Marker Person", email="marker@customer.example.com")
    for path in (f"/contacts/{secret.id}", f"/accounts/{secret.account_id}", "/customers", "/users"):
        answer = app.test_client().get(path)
        assert (answer.status_code, "Marker" in answer.text, "marker@" in answer.text) == (303, False, False)


@pytest.fixture
def house(app):
    """One of everything, around one contact whose address is easy to find."""
    contact = make_contact(name="Person", email="marker@customer.example.com")
    campaign = make_campaign()
    response = make_response(2, invitation=make_invitation(contact=contact, campaign=campaign), comment="Too slow.")
    case = make_case(contact=contact, responses=[response])
    return {
        "/voices": "/voices", "/queue": "/queue", "/": "/", "/customers": "/customers",
        "/customers?view=contacts": "/customers", "/campaigns": "/campaigns",
        f"/contacts/{contact.id}": "contact", f"/accounts/{contact.account_id}": "account",
        f"/responses/{response.id}": "response", f"/cases/{case.id}": "case", f"/campaigns/{campaign.id}": "campaign",
        "/customers?q=marker": "search", "/voices?q=slow": "search",
    }  # fmt: skip


def test_a_viewer_reads_everything_but_how_to_reach_people(house, viewer):
    pages = {path: viewer.get(path) for path in house}
    assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
    assert [path for path, page in pages.items() if "marker@" in page.text] == []


def test_a_viewer_cannot_find_people_by_their_address(house, viewer):
    assert (
        "Person"
        not in viewer.get("/customers?view=contacts&q=marker%40customer").text.split("<main")[1].split("<table")[-1]
    )


def test_whoever_works_with_customers_sees_how_to_reach_them(house, agent):
    contact = next(path for path in house if path.startswith("/contacts/"))
    assert "marker@customer.example.com" in agent.get(contact).text


def test_an_agent_changes_only_the_accounts_that_are_the_agents(app, agent):
    own, foreign = make_contact(), make_contact()
    own.account.owner_id = agent.user.id
    db.session.commit()
    assert agent.get(f"/accounts/{own.account_id}/details").status_code == 200
    assert agent.get(f"/accounts/{foreign.account_id}/details").status_code in (403, 404)
    assert agent.get(f"/contacts/{foreign.id}/details").status_code in (403, 404)
