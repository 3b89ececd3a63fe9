"""People with passwords."""

import pytest
from argon2 import PasswordHasher

from surveys.auth import passwords
from surveys.lib.access import Role
from tests.factories import make_user

PASSWORD = "seven lamps under snow"


@pytest.fixture(autouse=True)
def light_hashes(request, monkeypatch):
    """Hashes that cost a hundredth, but where it is the hash that is tested."""
    if not request.module.__name__.endswith("test_passwords"):
        monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def password_hash():
    return passwords.hashed(PASSWORD)


@pytest.fixture
def yui(app, password_hash):
    return make_user(email="yui@example.com", name="Yui Sato", role=Role.LEAD, password_hash=password_hash)


@pytest.fixture
def sign_in(app):
    """Log in through the page, in a browser of one's own."""

    def make(email="yui@example.com", password=PASSWORD, client=None, **more):
        browser = client or app.test_client()
        answer = browser.post("/login", data={"email": email, "password": password}, **more)
        return browser, answer

    return make
