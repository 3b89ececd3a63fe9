"""Which further questions are shown: the same rule for the server and, as a stylesheet, for a page without script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from surveys.questionnaires.questions.base import Question, Value


def shown(questions: Iterable[Question], segment: str | None, answers: Mapping[str, Value]) -> list[Question]:
    """The questions asked of somebody with a score of this segment and these answers, in their order."""
    seen: list[Question] = []
    taken: dict[str, tuple[str, ...]] = {}
    for question in questions:
        if _fits(question, segment, taken):
            seen.append(question)
            if question.key in answers:
                taken[question.key] = question.marks(answers[question.key])
    return seen


def fitting(questions: Iterable[Question], segment: str | None, answers: Mapping[str, Value]) -> dict[str, Value]:
    """The answers to questions that are shown; what was ticked before a change of mind is left out."""
    return {each.key: answers[each.key] for each in shown(questions, segment, answers) if each.key in answers}


def stylesheet(questions: Sequence[Question]) -> str:
    """Shows each conditional question when its conditions hold, with `:has`; older browsers ask it one page later."""
    known = {each.key: each for each in questions}
    rules = [(each.key, _selectors(each, known)) for each in questions if each.when.segments or each.when.after]
    hidden = ",".join(f".f-{key}" for key, _chain in rules)
    return (f"{hidden}{{display:none}}" if rules else "") + "".join(
        f"form{chain} .f-{key}{{display:block}}" for key, chain in rules
    )


def _fits(question: Question, segment: str | None, taken: Mapping[str, tuple[str, ...]]) -> bool:
    when = question.when
    if when.segments and segment not in when.segments:
        return False
    return not when.after or not set(when.answers).isdisjoint(taken.get(when.after, ()))


def _selectors(question: Question, known: Mapping[str, Question]) -> str:
    """The conditions of a question and of the one it follows, as `:has(…)` after `form`."""
    when = question.when
    own = f":has({','.join(f'.{segment}:checked' for segment in when.segments)})" if when.segments else ""
    if not when.after:
        return own
    ticked = ",".join(f"#{when.after}-{answer}:checked" for answer in when.answers)
    return _selectors(known[when.after], known) + own + f":has({ticked})"
