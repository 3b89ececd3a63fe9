"""How a posted question is read, for every room that shows one: its fields, their limits, what is wrong with them."""

from __future__ import annotations

from surveys.intake.forms import HONEYPOTS as HONEYPOTS
from surveys.intake.forms import LARGEST_BODY as LARGEST_BODY
from surveys.intake.forms import LONGEST_COMMENT as LONGEST_COMMENT
from surveys.intake.forms import SCORE as SCORE
from surveys.intake.forms import Entered as Entered
from surveys.intake.forms import further_in as further_in
from surveys.intake.forms import is_fine as is_fine
from surveys.intake.forms import problems as problems
from surveys.intake.forms import read as read
from surveys.intake.forms import score_in as score_in
