"""The ready wording in English, to the letter as the wording document has it."""

from __future__ import annotations

from typing import Any, Final

_AGREE_7 = [
    "Strongly disagree",
    "Disagree",
    "Somewhat disagree",
    "Neither",
    "Somewhat agree",
    "Agree",
    "Strongly agree",
]
_AGREE_5 = ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"]
_EASE = "{company} made it easy for me to handle my issue."

_ENDING = (
    "Please answer by {deadline}. Your answer is read together with your name by our customer team and used to improve "
    "{product} and to get back to you.\n\n"
    "Thank you,\n"
    "{sender}, {company}"
)

LETTER: Final = (
    "{greeting}\n\n"
    "you use {product}, and we would like to know how it is going. Press a number; a page opens where you can add a "
    "few words and send it (two questions, about a minute; the second is optional).\n\n"
    "{scale}\n\n" + _ENDING
)
FORM_LETTER: Final = (
    "{greeting}\n\n"
    "you use {product}, and we would like to know how it is going. Press the link; a page opens where you can write a "
    "few words and send them (one question, about a minute).\n\n"
    "{scale}\n\n" + _ENDING
)

SHARED: Final[dict[str, Any]] = {
    "why_bad": "If you like, tell us the reason for your score.",
    "why_middle": "What could we improve?",
    "why_good": "What do you value most?",
    "consent": "May we contact you about your answer?",
    "consent_yes": "Yes",
    "consent_no": "No, that is not needed",
    "identity": "Your answer is read together with your name by {company}'s customer team.",
    "thanks": "Thank you. Your answer is recorded; you can change it on this page until {date}.",
    "thanks_worst": "We are sorry for the trouble.",
    "thanks_contact": "{name} will get in touch within {days}.",
    "subject": "One minute for {product}? (until {deadline_short})",
    "letter": LETTER,
    "labels": [],
}


def _worded(question: str, labels: list[str]) -> dict[str, Any]:
    return {"question": question, "low": labels[0], "high": labels[-1], "labels": labels}


_LIKELY = {"low": "Not at all likely", "high": "Extremely likely"}

QUESTIONS: Final[dict[str, dict[str, Any]]] = {
    "nps-default": {
        "question": "How likely are you to recommend {product} to a colleague or to someone at another company?",
        **_LIKELY,
    },
    "nps-classic": {"question": "How likely are you to recommend {product} to a friend or colleague?", **_LIKELY},
    "ces-default": _worded(
        "How much effort did it take you to get your request resolved?",
        ["Very little", "Little", "Some", "Much", "Very much"],
    ),
    "ces2-default": _worded(_EASE, _AGREE_7),
    "ease5-default": _worded(_EASE, _AGREE_5),
    "csat-default": _worded(
        "Overall, how satisfied are you with {subject}?",
        ["Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied"],
    ),
    "goal-default": _worded(
        "How far have you reached what you wanted to achieve with {product}?",
        ["Not at all", "A little", "Partly", "Mostly", "Fully"],
    ),
    "form-default": {
        "question": "What would you like to tell us about {product}?",
        "low": "",
        "high": "",
        "why_bad": "",
        "why_middle": "",
        "why_good": "Please write as much or as little as you like.",
        "thanks_worst": "",
        "letter": FORM_LETTER,
    },
}

NAMES: Final = {
    "nps-default": "NPS: recommend to a colleague or another company",
    "nps-classic": "NPS: recommend to a friend or colleague (classic)",
    "ces-default": "CES: effort until it was resolved",
    "ces2-default": "CES 2.0: made it easy (1 to 7)",
    "ease5-default": "Ease: made it easy (1 to 5)",
    "csat-default": "CSAT: overall satisfaction",
    "goal-default": "Goal: what was to be achieved",
    "form-default": "Form: a few words, no score",
}
