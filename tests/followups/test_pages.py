"""The queue and the case as staff see and use them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from surveys.customers.models import ContactRole, Phase, Tier
from surveys.followups import actions
from surveys.followups.models import Case, CaseState, Entry, EntryKind, Lane
from surveys.lib import clock
from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.errors import Refused
from surveys.responses.models import Segment
from tests import factories

WORDS = "打刻漏れが増えました。社内では見直しの話も出ています。"


def a_case(**values: object) -> Case:
    """A case with everything that a page can show."""
    account = factories.make_account(
        name="あおば物流",
        tier=Tier.HIGH_TOUCH,
        phase=Phase.ADOPTION,
        renewal_on=clock.today("Asia/Tokyo") + timedelta(days=38),
    )
    contact = factories.make_contact(account=account, name="佐藤 花子", language="ja", role=ContactRole.CHAMPION)
    response = factories.make_response(2, contact=contact, comment=WORDS)
    return factories.make_case(responses=[response], **values)


def test_an_empty_queue_says_why(agent):
    page = agent.get("/queue").text
    assert "Nobody is waiting" in page
    assert "0 cases open" in page


def test_a_row_shows_who_waits_since_when_and_why(agent):
    case = a_case()
    page = agent.get("/queue?tab=all").text
    assert "佐藤 花子" in page
    assert "あおば物流" in page
    assert WORDS in page
    assert "Very low score" in page
    assert f"case={case.id}" in page


def test_late_cases_are_counted_and_red(agent):
    a_case(due_at=clock.now() - timedelta(hours=2))
    page = agent.get("/queue?tab=late").text
    assert "1 late" in page
    assert "due--late" in page


@pytest.mark.parametrize("tab", ["mine", "unassigned", "all", "late", "waiting", "snoozed", "light", "done"])
def test_every_view_opens_empty_and_full(agent, tab: str):
    assert agent.get(f"/queue?tab={tab}").status_code == 200
    a_case(assignee_id=agent.user.id)
    a_case(due_at=clock.now() - timedelta(hours=1))
    a_case(state=CaseState.WAITING)
    a_case(snoozed_until=clock.now() + timedelta(days=1))
    a_case(lane=Lane.LIGHT)
    a_case(state=CaseState.RESOLVED, resolved_at=clock.now(), cause="product.defect", outcome="satisfied")
    page = agent.get(f"/queue?tab={tab}")
    assert page.status_code == 200
    assert "佐藤 花子" in page.text


def test_the_case_stands_beside_the_queue(agent):
    case = a_case()
    page = agent.get(f"/queue?tab=all&case={case.id}").text
    assert "queue--split" in page
    assert "Back to the list" in page
    assert f'action="/cases/{case.id}/replies"' in page


def test_the_queue_asks_the_database_a_fixed_number_of_times(agent, count_queries):
    def queries() -> int:
        with count_queries() as seen:
            assert agent.get("/queue?tab=all").status_code == 200
        return len(seen)

    a_case()
    few = queries()
    for _n in range(7):
        a_case(assignee_id=factories.make_user().id)
    assert queries() == few
    assert few <= 12


def test_a_case_page_tells_the_whole_story(agent):
    case = a_case()
    factories.make_response(9, contact=case.contact, answered_at=clock.now() - timedelta(days=200))
    page = agent.get(f"/cases/{case.id}").text
    for words in (
        WORDS,
        "佐藤 花子",
        "あおば物流",
        "Champion",
        "Adoption",
        "in 38 days",
        case.contact.email,
        "High touch",
    ):
        assert words in page
    assert "ミナト勤怠" in page, "the draft is in the customer's language"
    assert "〔要点〕" in page


def test_a_viewer_reads_the_story_without_name_and_address(viewer):
    case = a_case()
    page = viewer.get(f"/cases/{case.id}").text
    assert WORDS in page
    assert case.contact.email not in page
    assert case.contact.name not in page
    assert "/replies" not in page


def test_who_may_not_work_cases_is_refused(product_manager):
    case = a_case()
    assert product_manager.get(f"/cases/{case.id}").status_code == 200
    assert product_manager.post(f"/cases/{case.id}/notes", data={"note": "x"}).status_code == 403


def test_a_case_that_is_not_there_is_not_found(agent):
    assert agent.get("/cases/4711").status_code == 404
    assert agent.get("/queue?case=4711").status_code == 404
    assert agent.post("/cases/4711/assignment").status_code == 404


def test_taking_a_case_and_undoing_it(agent):
    case = a_case()
    page = agent.post(f"/cases/{case.id}/assignment", follow_redirects=True).text
    assert "This case is yours now." in page
    assert (case.assignee_id, case.state) == (agent.user.id, CaseState.IN_PROGRESS)
    agent.post(f"/cases/{case.id}/assignment?to=0&seen={agent.user.id}")
    assert (case.assignee_id, case.state) == (None, CaseState.NEW)


@pytest.mark.parametrize("path", ["/cases/{id}/assignment", "/queue/assignment"])
def test_undoing_gives_the_case_back_as_it_was(agent, path):
    """What was one's own and not begun stays one's own; what was nobody's is nobody's again."""
    for owner in (agent.user.id, None):
        case = a_case(assignee_id=owner)
        page = agent.post(path.format(id=case.id), follow_redirects=True).text
        assert f'action="/cases/{case.id}/assignment/reversal"' in page
        assert case.state is CaseState.IN_PROGRESS
        page = agent.post(f"/cases/{case.id}/assignment/reversal", follow_redirects=True).text
        assert "As it was before." in page
        assert (case.assignee_id, case.state) == (owner, CaseState.NEW)
        case.state, case.closed_at = CaseState.INVALID, clock.now()
        db.session.commit()


def test_undoing_a_handing_gives_the_case_back_to_who_had_begun_it(agent, lead):
    aya, ben = factories.make_user(name="Aya Mori"), factories.make_user(name="Ben Ito")
    for state in (CaseState.NEW, CaseState.IN_PROGRESS, CaseState.WAITING):
        for to in (agent.user.id, ben.id, 0):
            case = a_case(assignee_id=aya.id, state=state)
            agent.post(f"/cases/{case.id}/assignment", data={"to": to, "seen": aya.id})
            assert case.assignee_id == (to or None)
            assert lead.post(f"/cases/{case.id}/assignment/reversal").status_code == 409
            agent.post(f"/cases/{case.id}/assignment/reversal")
            assert (case.assignee_id, case.state) == (aya.id, state)


def test_what_a_colleague_took_meanwhile_can_no_longer_be_undone(agent, lead):
    case = a_case()
    agent.post(f"/cases/{case.id}/assignment")
    agent.post(f"/cases/{case.id}/assignment", data={"to": 0, "seen": agent.user.id})
    lead.post(f"/cases/{case.id}/calls", data={"channel": "phone", "at": "2020-01-05T10:00", "result": "not_reached"})
    assert case.assignee_id == lead.user.id
    page = agent.post(f"/cases/{case.id}/assignment/reversal")
    assert (page.status_code, "somebody else has the case by now" in page.text) == (409, True)
    assert case.assignee_id == lead.user.id


def test_taking_what_a_colleague_works_on_names_the_colleague(agent):
    aya = factories.make_user(name="Aya Mori")
    case = a_case(assignee_id=aya.id, state=CaseState.IN_PROGRESS)
    page = agent.post(f"/cases/{case.id}/assignment")
    assert page.status_code == 409
    assert "Taken by Aya Mori." in page.text


def test_taking_over_from_a_colleague_is_said_outright(agent):
    aya = factories.make_user(name="Aya Mori")
    case = a_case(assignee_id=aya.id, state=CaseState.IN_PROGRESS)
    agent.post(f"/cases/{case.id}/assignment", data={"to": agent.user.id, "seen": aya.id})
    assert case.assignee_id == agent.user.id


def test_handing_over_a_case_that_somebody_took_meanwhile_is_refused(agent):
    aya, ben = factories.make_user(name="Aya Mori"), factories.make_user(name="Ben Ito")
    case = a_case(assignee_id=aya.id, state=CaseState.IN_PROGRESS)
    page = agent.post(f"/cases/{case.id}/assignment", data={"to": ben.id, "seen": 0})
    assert "Taken by Aya Mori." in page.text
    assert case.assignee_id == aya.id


def test_a_case_is_handed_over_to_a_colleague_who_works_cases(agent, viewer):
    ben = factories.make_user(name="Ben Ito")
    case = a_case()
    page = agent.post(f"/cases/{case.id}/assignment", data={"to": ben.id, "seen": 0}, follow_redirects=True)
    assert "Handed over to Ben Ito." in page.text
    assert case.assignee_id == ben.id
    assert agent.post(f"/cases/{case.id}/assignment", data={"to": viewer.user.id, "seen": ben.id}).status_code == 400


def test_a_case_is_never_given_to_who_may_not_work_on_it(agent, lead, viewer):
    case = a_case(assignee_id=agent.user.id)
    with pytest.raises(Refused, match="does not allow work on cases"):
        actions.hand_over(agent.user, viewer.user, by=lead.user)
    db.session.rollback()
    assert case.assignee_id == agent.user.id


@pytest.mark.parametrize("state", [CaseState.NEW, CaseState.IN_PROGRESS])
@pytest.mark.parametrize("owner", [{"role": Role.VIEWER}, {"deactivated_at": clock.now()}])
def test_a_case_of_somebody_who_cannot_work_on_it_is_offered_to_everybody(agent, owner, state):
    case = a_case(assignee_id=factories.make_user(**owner).id, state=state)
    busy = a_case(assignee_id=factories.make_user().id)
    page = agent.get("/queue?tab=unassigned").text
    assert (f"case={case.id}" in page, f"case={busy.id}" in page) == (True, False)
    assert agent.post("/queue/assignment").location == f"/cases/{case.id}"
    assert (case.assignee_id, case.state) == (agent.user.id, CaseState.IN_PROGRESS)
    assert agent.post("/queue/assignment").location == "/queue"


def test_an_answer_that_waits_for_a_look_is_no_dot_in_the_case(agent):
    case = a_case()
    held = factories.make_response(0, contact=case.contact, quarantined_at=clock.now())
    assert f"/responses/{held.id}" not in agent.get(f"/cases/{case.id}").text


def test_one_key_takes_the_most_urgent_case(agent):
    a_case(due_at=clock.now() + timedelta(days=3))
    urgent = a_case(due_at=clock.now() - timedelta(hours=1))
    assert 'data-key="t"' in agent.get("/queue").text
    answer = agent.post("/queue/assignment")
    assert answer.location == f"/cases/{urgent.id}"
    assert urgent.assignee_id == agent.user.id


def test_taking_the_next_of_an_empty_queue_says_so(agent):
    assert "Nobody is waiting" in agent.post("/queue/assignment", follow_redirects=True).text


def test_a_note_is_kept_and_shown(agent):
    case = a_case()
    page = agent.post(f"/cases/{case.id}/notes", data={"note": "月末締めの前に電話する"}, follow_redirects=True).text
    assert "月末締めの前に電話する" in page
    assert case.state is CaseState.NEW


def test_an_empty_note_is_refused_in_place(agent):
    case = a_case()
    page = agent.post(f"/cases/{case.id}/notes", data={"note": "  "})
    assert page.status_code == 400
    assert "Write something first." in page.text


def test_a_note_can_be_added_to_what_is_done(agent):
    case = a_case(state=CaseState.CLOSED, resolved_at=clock.now(), closed_at=clock.now())
    agent.post(f"/cases/{case.id}/notes", data={"note": "Still fine."})
    assert db.session.query(Entry).filter_by(kind=EntryKind.NOTE).count() == 1


def test_a_call_counts_as_first_contact(agent):
    case = a_case()
    form = {"channel": "phone", "at": "2026-01-05T10:00", "result": "talked", "text": "Sorted out.", "waits": "y"}
    agent.post(f"/cases/{case.id}/calls", data=form)
    assert case.first_contact_at is not None
    assert (case.state, case.assignee_id) == (CaseState.WAITING, agent.user.id)
    assert "Sorted out." in agent.get(f"/cases/{case.id}").text


def test_after_a_call_the_case_is_in_work_unless_the_customer_is_to_answer(agent):
    case = a_case()
    form = {"channel": "regular", "at": "2026-01-05T10:00", "result": "talked", "text": "定例会で話しました。"}
    agent.post(f"/cases/{case.id}/calls", data=form)
    assert (case.state, case.assignee_id) == (CaseState.IN_PROGRESS, agent.user.id)


def test_a_call_that_reached_nobody_does_not_stop_the_clock(agent):
    case = a_case()
    form = {"channel": "phone", "at": "2026-01-05T10:00", "result": "not_reached", "text": ""}
    agent.post(f"/cases/{case.id}/calls", data=form)
    assert case.first_contact_at is None


def test_a_call_to_come_is_refused_and_nothing_typed_is_lost(agent):
    case = a_case()
    form = {"channel": "visit", "at": "2999-01-05T10:00", "result": "talked", "text": "A long talk.", "next": "/queue"}
    page = agent.post(f"/cases/{case.id}/calls", data=form)
    assert page.status_code == 400
    assert "A call to come cannot be logged yet." in page.text
    assert "A long talk.</textarea>" in page.text
    assert 'value="2999-01-05T10:00"' in page.text
    assert 'name="next" value="/queue"' in page.text


def test_a_call_of_a_case_that_was_resolved_meanwhile_is_kept_on_its_form(agent):
    case = a_case(state=CaseState.RESOLVED, resolved_at=clock.now())
    form = {"channel": "phone", "at": "2020-01-05T10:00", "result": "talked", "text": "A long talk."}
    page = agent.post(f"/cases/{case.id}/calls", data=form)
    assert (page.status_code, "A long talk.</textarea>" in page.text) == (409, True)
    assert "This case is no longer open." in page.text


@pytest.mark.parametrize(
    "values", [{"state": CaseState.RESOLVED, "resolved_at": clock.now()}, {"lane": Lane.LIGHT, "due_at": None}]
)
def test_a_reply_that_comes_too_late_stands_on_the_page_with_the_reason(agent, values):
    case = a_case(**values)
    form = {"subject": "About your answer", "reply": "A very long reply.", "quotes": "y", "seen": "0"}
    page = agent.post(f"/cases/{case.id}/replies", data=form)
    assert page.status_code == 409
    assert "A very long reply.</textarea>" in page.text
    assert 'value="About your answer"' in page.text
    assert "This case is no longer open" in page.text or "This is a light item" in page.text
    assert case.entries == []


def test_what_was_done_is_kept_when_a_colleague_resolved_first(agent):
    case = a_case(state=CaseState.RESOLVED, resolved_at=clock.now())
    form = {"cause": "product.defect", "what_was_done": "We mended it.", "outcome": "satisfied", "customer_told": "no"}
    page = agent.post(f"/cases/{case.id}/resolution", data=form)
    assert (page.status_code, "We mended it.</textarea>" in page.text) == (409, True)
    assert "already resolved" in page.text
    page = agent.post(f"/cases/{case.id}/invalidity", data={"why": "A test of ours."})
    assert (page.status_code, 'value="A test of ours."' in page.text) == (409, True)


def test_what_is_written_to_a_case_that_is_not_there_is_not_found(agent):
    assert agent.post("/cases/4242/notes", data={"note": "x"}).status_code == 404
    assert agent.post("/cases/4242/replies", data={"subject": "x", "reply": "x"}).status_code == 404
    call = {"channel": "phone", "at": "2020-01-05T10:00", "result": "talked"}
    assert agent.post("/cases/4242/calls", data=call).status_code == 404


def test_whoever_writes_longer_than_the_log_in_lasts_is_told_and_comes_back_to_the_case(app, agent):
    case = a_case()
    stranger = app.test_client()
    sent_from = {"Referer": f"http://localhost/queue?case={case.id}"}
    page = stranger.post(f"/cases/{case.id}/replies", data={"reply": "x"}, headers=sent_from, follow_redirects=True)
    assert "Your log-in had ended, so this was neither sent nor saved." in page.text
    assert page.request.full_path == f"/login?next=/queue?case%3D{case.id}"
    for odd in ("http://elsewhere.example/queue", f"http://localhost/cases/{case.id}/replies"):
        answer = stranger.post(f"/cases/{case.id}/replies", data={"next": "/queue"}, headers={"Referer": odd})
        assert answer.location == "/login?next=/queue"


def test_snoozing_and_waking(agent):
    case = a_case()
    assert "sleeping does not stop that clock" in agent.get(f"/cases/{case.id}/snooze").text
    day = clock.today("Asia/Tokyo") + timedelta(days=4)
    page = agent.post(f"/cases/{case.id}/snooze", data={"until": day.isoformat()}, follow_redirects=True).text
    assert "Snoozed until" in page
    assert case.is_snoozed
    assert case.snoozed_until is not None
    assert case.snoozed_until.isoformat() == f"{day}T00:00:00+00:00", "nine o'clock in Tokyo"
    agent.post(f"/cases/{case.id}/waking")
    assert not case.is_snoozed


def test_snoozing_into_the_past_is_refused(agent):
    case = a_case()
    assert agent.post(f"/cases/{case.id}/snooze", data={"until": "2020-01-01"}).status_code == 409


def test_resolving_asks_for_everything_on_one_form(agent):
    case = a_case()
    page = agent.post(f"/cases/{case.id}/resolution", data={})
    assert page.status_code == 400
    assert "Choose a cause" in page.text
    form = {"cause": "product.defect", "what_was_done": "Fixed in 5.1.", "outcome": "satisfied", "customer_told": "no"}
    after = agent.post(f"/cases/{case.id}/resolution", data=form, follow_redirects=True).text
    assert "Resolved: 佐藤 花子" in after
    assert (case.state, case.cause, case.outcome) == (CaseState.RESOLVED, "product.defect", "satisfied")
    page = agent.get(f"/cases/{case.id}").text
    assert "Product: Defect" in page
    assert "The customer has been told" in page
    agent.post(f"/cases/{case.id}/closing")
    assert case.state is CaseState.CLOSED


def test_resolving_with_the_customer_told_closes(agent):
    case = a_case()
    form = {"cause": "other", "what_was_done": "Called.", "outcome": "no_action", "customer_told": "yes"}
    agent.post(f"/cases/{case.id}/resolution", data=form)
    assert case.state is CaseState.CLOSED
    again = agent.post(f"/cases/{case.id}/resolution", data=form)
    assert "already resolved" in again.text


def test_resolving_can_be_undone(agent):
    case = a_case()
    form = {"cause": "other", "what_was_done": "Called.", "outcome": "no_action", "customer_told": "yes"}
    page = agent.post(f"/cases/{case.id}/resolution", data=form, follow_redirects=True).text
    assert f'action="/cases/{case.id}/reopening"' in page
    agent.post(f"/cases/{case.id}/reopening")
    assert case.is_open


def test_reopening_beside_another_open_case_is_refused(agent):
    old = a_case(state=CaseState.CLOSED, resolved_at=clock.now(), closed_at=clock.now())
    factories.make_case(contact=old.contact)
    assert agent.post(f"/cases/{old.id}/reopening").status_code == 409


def test_marking_as_invalid_says_why(agent):
    case = a_case()
    agent.post(f"/cases/{case.id}/invalidity", data={"why": "Our own test."})
    assert case.state is CaseState.INVALID
    assert "Our own test." in agent.get(f"/cases/{case.id}").text


def test_light_items_are_ticked_off_one_by_one_and_in_bulk(agent):
    one, two, three = (a_case(lane=Lane.LIGHT, due_at=None, reason="low") for _n in range(3))
    page = agent.post("/queue/readings", data={"one": one.id}, follow_redirects=True).text
    assert "1 answer ticked off." in page
    page = agent.post("/queue/readings", data={"ids": [one.id, two.id, three.id]}, follow_redirects=True).text
    assert "2 answers ticked off." in page
    assert "Everything is read" in page
    agent.post(f"/queue/readings/reversal?ids={two.id}&ids={three.id}")
    assert [item.is_open for item in (one, two, three)] == [False, True, True]


def test_ticking_off_nothing_says_so(agent):
    assert "Choose the answers you have read." in agent.post("/queue/readings", follow_redirects=True).text


def test_a_light_item_is_raised_to_a_case_of_ones_own(agent):
    item = a_case(lane=Lane.LIGHT, due_at=None, reason="low")
    agent.post(f"/cases/{item.id}/raising")
    assert (item.lane, item.assignee_id, item.state) == (Lane.CASE, agent.user.id, CaseState.IN_PROGRESS)
    assert item.due_at is not None


def test_a_case_is_opened_by_hand_from_a_contact(agent):
    contact = factories.make_contact()
    assert "Open a case" in agent.get(f"/contacts/{contact.id}/cases").text
    page = agent.post(f"/contacts/{contact.id}/cases", data={"why": "Upset at the fair."}, follow_redirects=True).text
    assert "Upset at the fair." in page
    assert "opened by hand" in page


def test_handing_over_the_cases_of_a_colleague_who_leaves(agent, lead):
    cases = [a_case(assignee_id=agent.user.id), a_case(assignee_id=agent.user.id)]
    done = a_case(assignee_id=agent.user.id, state=CaseState.CLOSED, resolved_at=clock.now(), closed_at=clock.now())
    assert actions.hand_over(agent.user, lead.user, by=lead.user) == 2
    db.session.commit()
    assert {case.assignee_id for case in cases} == {lead.user.id}
    assert done.assignee_id == agent.user.id


def test_tags_are_set_from_the_case(agent):
    case = a_case()
    tag = factories.make_tag("帳票")
    page = agent.get(f"/cases/{case.id}").text
    assert f'action="/responses/{case.responses[0].id}/tags"' in page
    data = {"tags": [tag.id], "next": f"/cases/{case.id}"}
    answer = agent.post(f"/responses/{case.responses[0].id}/tags", data=data)
    assert answer.location == f"/cases/{case.id}"
    assert "帳票" in agent.get(f"/cases/{case.id}").text


def test_the_timeline_shows_answers_of_the_case_in_their_order(agent):
    case = a_case()
    response = factories.make_response(1, contact=case.contact, comment="まだ直っていません。")
    actions.triage(
        actions.Answer(
            response_id=response.id,
            contact_id=response.contact_id,
            account_id=response.account_id,
            kind_key="nps",
            score=1,
            segment=Segment.BAD,
            gravity=response.gravity,
            said=response.comment,
            answered_at=response.answered_at,
        )
    )
    page = agent.get(f"/cases/{case.id}").text
    assert page.index("まだ直っていません。") < page.index(WORDS), "the newest words stand on top, large"
    assert page.index(WORDS) < page.index("The answer above"), "and last in the timeline"
