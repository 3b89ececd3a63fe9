"""Forms for what comes with an answer: the wish to be contacted, and the offers of the page of thanks."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from surveys.lib import labels
from surveys.lib.forms import EditForm
from surveys.lib.i18n import _l
from surveys.questionnaires.forms import scores
from surveys.questionnaires.models import Kind
from surveys.questionnaires.offers import Offer

_TICKS: dict[str, Any] = {"option_widget": CheckboxInput(), "widget": ListWidget(prefix_label=False)}


class ContactForm(EditForm):
    """When the page asks whether we may get in touch."""

    asks_contact = RadioField(
        _l("Ask “May we contact you?”"),
        choices=[
            SelectChoice("bad", _l("After a bad answer")),
            SelectChoice("always", _l("After every answer: a yes opens a case at any score")),
            SelectChoice("never", _l("Never")),
        ],
    )


class OfferForm(EditForm):
    """One offer of the page of thanks, in both languages."""

    text_en = StringField(_l("Words in English"), [InputRequired(), Length(max=120)])
    text_ja = StringField(_l("Words in Japanese"), [InputRequired(), Length(max=120)])
    url = StringField(_l("Address of the page"), [InputRequired(), Length(max=1000)])
    use = RadioField(
        _l("What it is"),
        choices=[
            SelectChoice("help", _l("Help: an article, a contact, a training")),
            SelectChoice("promotion", _l("A promotion: never shown after a bad answer")),
        ],
        default="help",
    )
    segments = SelectMultipleField(_l("After which answers"), **_TICKS)
    tiers = SelectMultipleField(_l("For which tiers"), **_TICKS)

    key: str

    @classmethod
    def of(cls, kind: Kind, offer: Offer | None) -> OfferForm:
        """The form of an offer as it is, or of a new one."""
        form = cls(data=_fields_of(offer) if offer else None)
        form.key = offer.key if offer else ""
        form.tiers.choices = [SelectChoice(tier, words) for tier, words in labels.TIERS.items()]
        if kind.is_scored:
            form.segments.choices = scores.choices(kind)
        else:
            del form.segments
        return form

    @property
    def offer(self) -> Offer:
        return Offer(
            texts={"en": self.text_en.data or "", "ja": self.text_ja.data or ""},
            url=self.url.data or "",
            tiers=list(self.tiers.data or []),
            segments=list(self.segments.data or []) if "segments" in self else [],
            is_promotion=self.use.data == "promotion",
            key=self.key,
        )


def _fields_of(offer: Offer) -> dict[str, Any]:
    words = {f"text_{language}": text for language, text in offer.texts.items()}
    use = "promotion" if offer.is_promotion else "help"
    return words | {"url": offer.url, "use": use, "segments": offer.segments, "tiers": offer.tiers}
