"""Lists of customers on their way in.

A list is stored as it came (`runs`), cut into chunks of rows, each chunk read (`columns`, `values`, `drafts`), compared
with what Koe knows and staged (`staging`). When a person has seen what would change and says yes, one short set of
statements takes it all over (`applying`). Nothing of a list is seen before that, and a kill at any moment leaves all or
nothing. Writing takes turns of a few hundred rows, so that customers' answers never wait for an import.
"""

from surveys.customers.imports.problems import sentence as sentence
from surveys.customers.imports.runs import ImportResult as ImportResult
from surveys.customers.imports.runs import cancel as cancel
from surveys.customers.imports.runs import check_next as check_next
from surveys.customers.imports.runs import choose as choose
from surveys.customers.imports.runs import confirm as confirm
from surveys.customers.imports.runs import defaults as defaults
from surveys.customers.imports.runs import failure_of as failure_of
from surveys.customers.imports.runs import finish_next as finish_next
from surveys.customers.imports.runs import run as run
from surveys.customers.imports.runs import start as start
from surveys.customers.imports.runs import sweep_next as sweep_next
from surveys.customers.imports.runs import told as told
