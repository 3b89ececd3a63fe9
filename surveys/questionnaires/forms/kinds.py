"""A kind of scored question: its scale, its direction, and which scores are good news."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Regexp, ValidationError

from surveys.lib.forms import EditForm
from surveys.lib.i18n import _, _l
from surveys.questionnaires import kinds
from surveys.questionnaires.models import Kind
from surveys.scales import Direction, Headline

SCALE = ("low", "high", "direction", "bad", "good", "worst", "headline", "about")


def _score(label: Any) -> IntegerField:
    return IntegerField(label, [InputRequired(), NumberRange(0, 10)], render_kw={"inputmode": "numeric"})


class KindForm(EditForm):
    key = StringField(
        _l("Key"),
        [
            InputRequired(),
            Length(max=30),
            Regexp(r"[a-z][a-z0-9_]*\Z", message=_l("Small letters, digits and _ only.")),
        ],
    )
    name = StringField(_l("Name in English"), [InputRequired(), Length(max=100)])
    name_ja = StringField(_l("Name in Japanese"), [InputRequired(), Length(max=100)])
    low = _score(_l("Lowest score"))
    high = _score(_l("Highest score"))
    direction = RadioField(
        _l("Which way is better"),
        choices=[SelectChoice("higher", _l("Higher is better")), SelectChoice("lower", _l("Lower is better"))],
    )
    bad = _score(_l("Bad answers end at"))
    good = _score(_l("Good answers begin at"))
    worst = _score(_l("We apologise, and open a case, up to"))
    headline = RadioField(
        _l("The number that stands for it"),
        choices=[
            SelectChoice("share", _l("Share of good answers, in percent")),
            SelectChoice("mean", _l("Mean of the scores")),
            SelectChoice("nps", _l("Good minus bad, from −100 to 100")),
        ],
    )
    about = RadioField(
        _l("What it asks about"),
        choices=[
            SelectChoice("event", _l("One event, such as a support case")),
            SelectChoice("relationship", _l("The relationship as a whole")),
        ],
    )

    @classmethod
    def of(cls, kind: Kind | None, *, is_used: bool = False) -> KindForm:
        """The form of a kind as it is, or of a new one; what is in use keeps its scale."""
        form = cls(data=_facts(kind) if kind else {"low": 1, "high": 5, "direction": "higher", "bad": 2, "good": 4,
                   "worst": 1, "headline": "share", "about": "event"})  # fmt: skip
        if kind is not None:
            del form.key
        for name in SCALE if is_used else ():
            delattr(form, name)
        return form

    def validate_high(self, _field: Any) -> None:
        """The three ends cut the scale, in the order of its direction."""
        numbers = [self[name].data for name in ("low", "high", "bad", "good", "worst")]
        if None in numbers or self.direction.data not in set(Direction):
            return
        if not 0 <= numbers[0] < numbers[1] <= 10:
            raise ValidationError(_("The highest score lies above the lowest, both from 0 to 10."))
        try:
            self.segments()
        except ValueError:
            raise ValidationError(
                _(
                    "Along the scale, from its bad end: first the end of our apologies, then the end of bad answers, "
                    "then the beginning of the good ones."
                )
            ) from None

    def segments(self) -> dict[str, list[int]]:
        """The ranges of the scale; raises ValueError when the ends are out of order."""
        scale = int(self.low.data or 0), int(self.high.data or 0)
        ends = {name: int(self[name].data) for name in ("bad", "good", "worst")}
        return kinds.cut(scale, Direction(self.direction.data), **ends)

    def values(self) -> dict[str, Any]:
        """The columns of the row."""
        names = {"name": self.name.data, "name_ja": self.name_ja.data}
        if "low" not in self:
            return names
        return names | {
            "low": self.low.data,
            "high": self.high.data,
            "direction": self.direction.data,
            "segments": self.segments(),
            "headline": Headline(self.headline.data).value,
            "is_relationship": self.about.data == "relationship",
        }


def _facts(kind: Kind) -> dict[str, Any]:
    facts = {"name": kind.name, "name_ja": kind.name_ja, "low": kind.low, "high": kind.high}
    about = "relationship" if kind.is_relationship else "event"
    facts |= {"direction": kind.direction, "headline": kind.headline, "about": about}
    return facts | (kinds.ends(kind.segments, kind.direction) if kind.is_scored else {})
