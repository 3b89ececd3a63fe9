"""Forms for questionnaires: lengths and placeholders, no decisions."""

from surveys.questionnaires.forms.braces import allowed
from surveys.questionnaires.forms.further import OrderForm, QuestionForm, kind_names
from surveys.questionnaires.forms.kinds import KindForm
from surveys.questionnaires.forms.offers import ContactForm, OfferForm
from surveys.questionnaires.forms.wording import NewForm, WordingForm

__all__ = [
    "ContactForm",
    "KindForm",
    "NewForm",
    "OfferForm",
    "OrderForm",
    "QuestionForm",
    "WordingForm",
    "allowed",
    "kind_names",
]
