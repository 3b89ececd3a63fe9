"""Staff users: invited, set up, changed, deactivated; and the links that let them choose a password."""

from __future__ import annotations

from surveys.auth.actions.first_run import is_set_up as is_set_up
from surveys.auth.actions.first_run import is_setup_code as is_setup_code
from surveys.auth.actions.first_run import set_up as set_up
from surveys.auth.actions.first_run import setup_code as setup_code
from surveys.auth.actions.links import HANDED_OVER as HANDED_OVER
from surveys.auth.actions.links import INVITED as INVITED
from surveys.auth.actions.links import MAILED as MAILED
from surveys.auth.actions.links import forget_dead_rows as forget_dead_rows
from surveys.auth.actions.links import link_on_request as link_on_request
from surveys.auth.actions.links import make_link as make_link
from surveys.auth.actions.links import offer_link as offer_link
from surveys.auth.actions.links import offer_link_by_email as offer_link_by_email
from surveys.auth.actions.links import use_link as use_link
from surveys.auth.actions.users import add_user as add_user
from surveys.auth.actions.users import change_user as change_user
from surveys.auth.actions.users import count_log_in as count_log_in
from surveys.auth.actions.users import deactivate as deactivate
from surveys.auth.actions.users import log_in_succeeded as log_in_succeeded
from surveys.auth.actions.users import reactivate as reactivate
from surveys.auth.actions.users import set_password as set_password
