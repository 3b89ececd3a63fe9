"""One further question in both languages, and the order of all."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from surveys.lib.errors import NotFound
from surveys.lib.forms import EditForm, Form
from surveys.lib.i18n import LANGUAGES, _, _l, language
from surveys.questionnaires import wording
from surveys.questionnaires.forms import scores
from surveys.questionnaires.forms.braces import lines, refuse_unknown
from surveys.questionnaires.models import Kind, Version
from surveys.questionnaires.questions import KINDS, MOST_OPTIONS, Question, free_key, option_keys, used_options

LINE, END, OPTION = 300, 60, 120
LEAST_OPTIONS = 2
OPTIONS_LENGTH = MOST_OPTIONS * (OPTION + 2)


def kind_names() -> dict[str, str]:
    """The kinds of further questions, for staff."""
    return {
        "text": _("A few words"),
        "choice": _("One of several"),
        "choices": _("As many as apply"),
        "scale": _("A point of a scale"),
        "yes_no": _("Yes or no"),
    }


class OrderForm(Form):
    """The keys in their new order; or one of them, to be moved up or down."""

    order = HiddenField()
    up = HiddenField()
    down = HiddenField()

    @property
    def wanted(self) -> dict[str, Any]:
        if self.up.data or self.down.data:
            return {"moved": self.up.data or self.down.data, "by": -1 if self.up.data else 1}
        return {"order": str(self.order.data or "").split()}

    @property
    def place(self) -> dict[str, Any]:
        """Which button was pressed, for the page that follows: whoever goes on with keys goes on there."""
        pressed = {"up": self.up.data, "down": self.down.data}
        return {name: str(key) for name, key in pressed.items() if key}


def _in_braces(_form: Form, field: Any) -> None:
    refuse_unknown(wording.EVERYWHERE, field.data or "")


def _boxes(label: Any) -> SelectMultipleField:
    return SelectMultipleField(label, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False))


def _point(label: Any, least: int, most: int, message: Any) -> IntegerField:
    limits = [InputRequired(message), NumberRange(least, most, message)]
    return IntegerField(label, limits, render_kw={"inputmode": "numeric"})


class QuestionForm(EditForm):
    """One further question."""

    text_en = StringField(_l("Question in English"), [Optional(), Length(max=LINE), _in_braces])
    text_ja = StringField(_l("Question in Japanese"), [Length(max=LINE), _in_braces])
    options_en = TextAreaField(_l("Choices in English"), [Optional(), Length(max=OPTIONS_LENGTH)])
    options_ja = TextAreaField(_l("Choices in Japanese"), [Length(max=OPTIONS_LENGTH)])
    low = _point(_l("Lowest point"), 0, 1, _l("The lowest point is 0 or 1."))
    high = _point(_l("Highest point"), 2, 10, _l("The highest point is a number from 2 to 10."))
    low_en = StringField(_l("Words at the low end in English"), [Optional(), Length(max=END)])
    low_ja = StringField(_l("Words at the low end in Japanese"), [Optional(), Length(max=END)])
    high_en = StringField(_l("Words at the high end in English"), [Optional(), Length(max=END)])
    high_ja = StringField(_l("Words at the high end in Japanese"), [Optional(), Length(max=END)])
    is_required = BooleanField(_l("Has to be answered"))
    segments = _boxes(_l("Only after these scores"))
    after = _boxes(_l("Only after one of these answers"))

    kind: str
    present: Question | None
    ever: set[str]
    key: str

    @classmethod
    def of(cls, scored: Kind, version: Version, key: str, kind: str = "", **sent: Any) -> QuestionForm:
        """The form of one question of a version, or of a new one of a kind; `NotFound` when there is none.

        `sent`: formdata=None for the form as it was before anything was written in it.
        """
        known = {each.key: each for each in version.further}
        present = known.get(key)
        if (present is None and key != "new") or (key == "new" and kind not in KINDS):
            raise NotFound(_("There is no such question."))
        form = cls(data=_filled(present) if present else {"low": 1, "high": 5}, **sent)
        form.present, form.kind = present, present.kind if present else kind
        form.key = key if present else free_key(version.questionnaire.versions)
        form.ever = used_options(version.questionnaire.versions, form.key)
        form._fit(scored, version)
        return form

    def _fit(self, scored: Kind, version: Version) -> None:
        """Leave out what this kind does not have, and offer what stands before it."""
        for name in ("options_en", "options_ja") if not KINDS[self.kind].has_options else ():
            delattr(self, name)
        for name in ("low", "high", "low_en", "low_ja", "high_en", "high_ja") if self.kind != "scale" else ():
            delattr(self, name)
        if not scored.is_scored:
            del self.segments
        else:
            self.segments.choices = scores.choices(scored)
        self.after.choices = [
            SelectChoice(f"{each.key}:{mark}", f"{each.text(language())} – {label}")
            for each in _before(version, self.key)
            for mark, label in each.choices(language())
        ]
        if not self.after.choices:
            del self.after

    def validate_text_ja(self, field: Any) -> None:
        if not self.text_en.data and not field.data:
            raise ValidationError(_("Please write the question in one language at least."))

    def validate_options_en(self, field: Any) -> None:
        _check_options(lines(field.data))

    def validate_options_ja(self, field: Any) -> None:
        own, other = lines(field.data), lines(self.options_en.data)
        _check_options(own)
        if not own and not other:
            raise ValidationError(_("Please write the choices, one a line."))
        if own and other and len(own) != len(other):
            raise ValidationError(_("Both languages need the same choices in the same order, one a line."))

    def validate_after(self, field: Any) -> None:
        if len({each.partition(":")[0] for each in field.data or []}) > 1:
            raise ValidationError(_("Please choose answers of one question only."))

    def placed_in(self, version: Version) -> list[dict[str, Any]]:
        """All questions of the version as data, with this one in its place or at the end."""
        others = [each.as_data() for each in version.further]
        mine = self.question
        if self.present is None:
            return [*others, mine]
        return [mine if each["key"] == self.key else each for each in others]

    @property
    def question(self) -> dict[str, Any]:
        """What was written, as a version keeps it."""
        after = self.after.data or [] if "after" in self else []
        options = self._options()
        words = {code: self._words(code, options) for code in LANGUAGES}
        return {
            "key": self.key,
            "kind": self.kind,
            "is_required": bool(self.is_required.data),
            "when": {
                "segments": list(self.segments.data or []) if "segments" in self else [],
                "after": after[0].partition(":")[0] if after else "",
                "answers": [each.partition(":")[2] for each in after],
            },
            "options": list(options),
            "low": _whole(self, "low", 0),
            "high": _whole(self, "high", 10),
            "words": words,
        }

    def _options(self) -> list[str]:
        if "options_en" not in self:
            return []
        english, japanese = lines(self.options_en.data), lines(self.options_ja.data)
        return option_keys(self.present, english, japanese, ever=self.ever)

    def _words(self, code: str, options: list[str]) -> dict[str, Any]:
        written = lines(self[f"options_{code}"].data) if "options_en" in self else []
        return {
            "text": self[f"text_{code}"].data or "",
            "options": dict(zip(options, written, strict=False)),
            "low": (self[f"low_{code}"].data or "") if "low" in self else "",
            "high": (self[f"high_{code}"].data or "") if "low" in self else "",
        }


def _filled(question: Question) -> dict[str, Any]:
    """What the form shows of a question."""
    shown: dict[str, Any] = {"is_required": question.is_required, "segments": list(question.when.segments)}
    shown |= {"after": [f"{question.when.after}:{each}" for each in question.when.answers]}
    shown |= {"low": question.low, "high": question.high}
    for code in LANGUAGES:
        words = question.words.get(code)
        if words is None:
            continue
        shown |= {f"text_{code}": words.text, f"low_{code}": words.low, f"high_{code}": words.high}
        shown[f"options_{code}"] = "\n".join(words.options.get(key, "") for key in question.options).strip()
    return shown


def _before(version: Version, key: str) -> list[Question]:
    """The questions that stand before this one; a new one comes last."""
    keys = [each.key for each in version.further]
    return list(version.further[: keys.index(key)]) if key in keys else list(version.further)


def _whole(form: QuestionForm, name: str, otherwise: int) -> int:
    """What was written, as far as it is a number: a preview also comes of a half-written form."""
    return form[name].data if name in form and isinstance(form[name].data, int) else otherwise


def _check_options(options: list[str]) -> None:
    if options and not LEAST_OPTIONS <= len(options) <= MOST_OPTIONS:
        raise ValidationError(
            _("Please write %(least)s to %(most)s choices, one a line.", least=LEAST_OPTIONS, most=MOST_OPTIONS)
        )
    if len(set(options)) != len(options):
        raise ValidationError(_("Two choices are the same."))
    if any(len(each) > OPTION for each in options):
        raise ValidationError(_("Please keep each choice below %(most)s characters.", most=OPTION))
