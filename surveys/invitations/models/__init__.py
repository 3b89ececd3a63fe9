"""Campaigns and the invitations they consist of."""

from surveys.invitations.models.campaigns import Campaign as Campaign
from surveys.invitations.models.campaigns import CampaignState as CampaignState
from surveys.invitations.models.invitations import ContactNews as ContactNews
from surveys.invitations.models.invitations import Intent as Intent
from surveys.invitations.models.invitations import Invitation as Invitation
from surveys.invitations.models.invitations import Outcome as Outcome
from surveys.invitations.models.invitations import SampleMail as SampleMail
