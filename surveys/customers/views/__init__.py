"""Pages of accounts, contacts and the lists they come from."""

from surveys.customers.views import accounts as accounts
from surveys.customers.views import contacts as contacts
from surveys.customers.views import lists as lists
from surveys.customers.views import successors as successors
from surveys.customers.views import uploads as uploads
from surveys.customers.views.blueprint import bp as bp
