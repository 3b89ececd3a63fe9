"""The customer's pages in the name of a brand: its logo, colour and small print, at no further question and no request."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

import pytest

from surveys.invitations.links import links_of
from surveys.lib.db import db
from surveys.settings import actions as settings
from surveys.settings import logos
from surveys.settings.queries import brand as brand_of
from surveys.settings.queries import default_brand
from tests.factories import make_brand, make_campaign, make_contact, make_invitation, make_user
from tests.intake.customers import link, opt_out_link
from tests.settings.pictures import noise

HOSTILE = "<img src=x onerror=alert(1)>\"'</style><script>alert(1)</script>"


@pytest.fixture
def quay(app):
    """A brand with the heaviest logo there can be."""
    made = make_brand(
        name="Quay", name_ja="キー", colour="#8a1c5a", legal_name="Quay K.K.", contact_url="https://quay.example.com/"
    )
    settings.show_logo(made, logos.small(noise()), by=make_user())
    db.session.commit()
    return made


@pytest.fixture
def invitation(quay):
    return make_invitation(campaign=make_campaign(brand=quay), contact=make_contact(language="en"))


def style_of(page):
    return re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)[1]


def test_every_page_of_a_campaign_is_that_of_its_brand(client, invitation):
    pages = [link(invitation), f"{link(invitation)}/not-me", f"{link(invitation)}/withdrawal", opt_out_link(invitation)]
    for path in pages:
        page = client.get(path)
        assert ("Quay K.K." in page.text, "data:image/png;base64," in page.text, 'alt="Quay"' in page.text) == (
            True,
        ) * 3
        assert "Minato" not in page.text, path
        assert "--accent:#8a1c5a" in style_of(page)
        digest = base64.b64encode(hashlib.sha256(style_of(page).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_with_the_heaviest_logo_it_still_arrives_in_one_go(client, invitation):
    """A-30: under 14 kB compressed, nothing else to load."""
    page = client.get(f"{link(invitation)}?score=8")
    assert len(gzip.compress(page.data)) < 14 * 1024
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!quay\.example\.com/")', page.text)


def test_two_campaigns_of_one_questionnaire_keep_their_own_faces(client, invitation):
    other = make_invitation(campaign=make_campaign())
    for _ in range(2):
        assert "Quay" in client.get(link(invitation)).text
        assert "Quay" not in client.get(link(other)).text


def test_a_change_of_the_brand_is_on_the_page_at_once(client, admin, invitation, quay):
    invitation.version.freeze()
    db.session.commit()
    client.get(link(invitation))
    settings.change_brand(brand_of(quay.id), {"name": "Quayside", "colour": "#1f4e8c"}, by=admin.user)
    db.session.commit()
    page = client.get(link(invitation))
    assert ("Quayside" in page.text, "--accent:#1f4e8c" in style_of(page)) == (True, True)


def test_our_own_colour_needs_no_rule_of_its_own(client):
    page = client.get(link(make_invitation()))
    assert style_of(page).count("--accent:") == 2


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_names_are_words(client, language):
    """X-05: in every text of a brand."""
    brand = default_brand()
    for field in ("name", "legal_name", "postal_address", "sender_name"):
        setattr(brand, field, HOSTILE)
        setattr(brand, f"{field}_ja", HOSTILE)
    page = client.get(link(make_invitation(contact=make_contact(language=language)))).text
    assert ("<img src=x" in page, "<script" in page, "&lt;img src=x" in page) == (False, False, True)


@pytest.mark.parametrize(
    "kept", ["javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "//evil.example", " "]
)
def test_what_is_kept_in_place_of_an_address_leads_nowhere(client, kept):
    """X-05: whatever put it there; the form of the brand takes web addresses only."""
    brand = default_brand()
    brand.contact_url = brand.privacy_url = kept
    page = client.get(link(make_invitation())).text
    assert "Privacy" not in page and "Contact us" not in page
    assert links_of(brand, "en").contact == "mailto:success@minato.example.com"
    assert links_of(brand, "en").privacy == ""
