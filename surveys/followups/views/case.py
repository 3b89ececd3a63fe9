"""A case: everything about it on one page, and the same as a panel beside the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from surveys.followups import priority, queries
from surveys.followups.forms import HandOverForm, NoteForm, ReplyForm
from surveys.followups.priority import Term
from surveys.followups.queries import Story
from surveys.followups.views.blueprint import bp
from surveys.followups.views.drafts import draft
from surveys.lib.access import Permission, current_user, guard, may
from surveys.lib.i18n import _
from surveys.tags import queries as tags
from surveys.tags.models import Tag


@dataclass(frozen=True)
class Shown:
    """What the case's template is handed."""

    story: Story
    terms: list[Term]
    note: NoteForm
    reply: ReplyForm
    hand_over: HandOverForm
    tags_of: dict[int, list[Tag]]
    tree: list[tuple[Tag, list[Tag]]]
    # Which of the two tabs of the reply box is open.
    writes: str = "reply"
    # Who answered the customer while one's own answer was being written.
    overtaken_by: str = ""


@bp.get("/cases/<int:id>")
@guard(Permission.READ)
def case(id: int) -> Any:
    return render_template("followups/case.html", shown=panel(id))


def panel(
    case_id: int, *, note: NoteForm | None = None, reply: ReplyForm | None = None, overtaken_by: str = ""
) -> Shown:
    """A case with its forms, as they came back or fresh."""
    story = queries.story(case_id)
    user = current_user()
    terms = priority.terms_now(story.case, queries.this_hour())
    may_tag = may(user, Permission.TAG)
    return Shown(
        story=story,
        terms=terms if story.case.is_open else [],
        note=note or NoteForm(formdata=None),
        reply=reply or _reply_form(story),
        hand_over=_hand_over_form(story),
        tags_of=tags.of([answer.id for answer in story.answers]),
        tree=tags.choices() if may_tag and story.answers else [],
        writes="note" if note is not None else "reply",
        overtaken_by=overtaken_by,
    )


def _reply_form(story: Story) -> ReplyForm:
    """Filled with a letter to begin from, for those who may send it."""
    user = current_user()
    if not story.case.is_open or not may(user, Permission.WORK_CASES):
        return ReplyForm(formdata=None)
    return ReplyForm(formdata=None, seen=str(story.newest_entry_id), **draft(story, user))


def _hand_over_form(story: Story) -> HandOverForm:
    form = HandOverForm(formdata=None, seen=str(story.case.assignee_id or 0))
    people = [each for each in queries.colleagues() if each.id != story.case.assignee_id]
    form.to.choices = [SelectChoice(each.id, each.name) for each in people]
    if story.case.assignee_id:
        form.to.choices.append(SelectChoice(0, _("Nobody: back to everybody")))
    return form
