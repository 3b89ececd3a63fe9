"""Why somebody was held, in words for staff."""

from __future__ import annotations

from surveys.invitations.models import Invitation
from surveys.invitations.rules import Rule
from surveys.lib.i18n import _


def title(rule: str) -> str:
    """One rule as a line of the ledger."""
    return {
        Rule.ANY_SURVEY: _("Asked something else a few days ago"),
        Rule.RELATIONSHIP: _("Asked the same for this product not long ago"),
        Rule.TRANSACTIONAL: _("Asked about another event not long ago"),
        Rule.YEARLY: _("Asked often enough this year"),
        Rule.OPEN_MATTER: _("An open case, or the account is on hold"),
        Rule.NEVER: _("Does not want mail, or cannot be reached"),
        Rule.REMINDER: _("Wants no reminders"),
        Rule.PREFERENCE: _("Asked for fewer surveys, or only after support"),
        Rule.MISSING: _("Something is missing"),
        Rule.CANCELLED: _("The campaign was stopped"),
        Rule.OVERDUE: _("Not sent, because its time was long past"),
    }.get(Rule(rule), rule)


def sentence(invitation: Invitation) -> str:
    """Why this one person was held."""
    reason, rule = invitation.held_reason, invitation.held_rule
    if rule == Rule.NEVER:
        return never(reason.get("why", ""))
    if rule == Rule.OPEN_MATTER and reason.get("what") == "account":
        words = reason.get("words") or "–"
        return _("The account is on hold: %(words)s", words=words)
    if rule == Rule.OPEN_MATTER:
        return _("There is an open case, or one that was closed a few days ago.")
    if rule == Rule.MISSING:
        return missing(reason.get("what", ""), reason.get("words", ""))
    if rule == Rule.PREFERENCE:
        return preference(reason.get("what", ""))
    return title(rule)


def preference(what: str) -> str:
    return {
        "less_often": _("Wants to be asked less often: one survey in 180 days at most"),
        "support_only": _("Wants surveys after support only"),
    }.get(what, title(Rule.PREFERENCE))


def never(why: str) -> str:
    return {
        "opt_out": _("Opted out"),
        "complaint": _("Complained about a mail"),
        "hard_bounce": _("The address does not exist"),
        "manual": _("Taken off by the team"),
        "erasure": _("Was erased at their own wish"),
        "unreachable": _("Left, or the address is wrong"),
    }.get(why, title(Rule.NEVER))


def missing(what: str, words: str) -> str:
    return {
        "address": _("The e-mail address cannot be written to."),
        "wording": _("The questionnaire has no wording in this language."),
    }.get(what, words or title(Rule.MISSING))
