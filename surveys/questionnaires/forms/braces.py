"""What may stand in braces in which field, and texts of several lines."""

from __future__ import annotations

from wtforms.validators import ValidationError

from surveys.lib.i18n import _
from surveys.questionnaires import wording


def allowed(name: str) -> str:
    """The words that may stand in braces in a field, for the list that opens while somebody types."""
    return " ".join(sorted(wording.EVERYWHERE if name == "further" else wording.ALLOWED.get(name, wording.NONE)))


def refuse_unknown(known: frozenset[str], text: str) -> None:
    """Only what can be filled in may stand in braces."""
    found = wording.strange(known, text)
    if not found:
        return
    if not known:
        raise ValidationError(_("Nothing in braces can stand here."))
    words = _(", ").join(f"{{{name}}}" for name in sorted(known))
    raise ValidationError(_("%(word)s cannot stand here; these can: %(known)s", word=f"{{{found[0]}}}", known=words))


def lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]
