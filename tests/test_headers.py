"""Security headers, cookies and forged forms, on every route there is (X-05, X-11, X-20, X-21)."""

from __future__ import annotations

import pytest

from surveys.lib.access import Role
from surveys.lib.db import db
from surveys.lib.headers import POLICY
from tests.auth.conftest import PASSWORD
from tests.conftest import CSRF_FIELD
from tests.factories import log_in, make_user
from tests.test_access import NEEDED, address, methods, rules

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

TOKEN_PAGES = ("/s/", "/u/", "/o/", "/links/")
# These know no cookie: the customer's pages carry a nonce of their own, the others check the token in their form.
WITHOUT_COOKIE = [
    endpoint
    for endpoint in NEEDED
    if NEEDED[endpoint] == "open" and endpoint.startswith(("intake.", "openlinks_door."))
]
WITHOUT_COOKIE += ["auth.link", "auth.language"]


@pytest.fixture
def forgeable(make_app, database_url, app):
    """The same house with the check of forms switched on."""
    return make_app(database_url, csrf=True)


def unsafe(app):
    return [
        rule
        for rule in rules(app)
        if "POST" in rule.methods and rule.endpoint not in WITHOUT_COOKIE
    ]  # fmt: skip


def missing(answer, path):
    """What is wrong with the headers of this answer."""
    kept = answer.headers
    referrer = "no-referrer" if path.startswith(TOKEN_PAGES) else "same-origin"
    checks = {
        "nosniff": kept.get("X-Content-Type-Options") == "nosniff",
        "policy": "default-src 'none'" in kept.get("Content-Security-Policy", ""),
        "frames": "frame-ancestors" in kept.get("Content-Security-Policy", ""),
        "referrer": kept.get("Referrer-Policy") == referrer,
        "robots": "noindex" in kept.get("X-Robots-Tag", ""),
        "store": "no-store" in kept.get("Cache-Control", "") or "private" in kept.get("Cache-Control", ""),
    }
    return [f"{path} {answer.status_code}: {name}" for name, is_right in checks.items() if not is_right]


@pytest.mark.parametrize("is_known", [True, False])
def test_every_answer_of_every_route_carries_the_headers(app, is_known):
    user, wrong = make_user(role=Role.ADMIN), []
    for rule in rules(app):
        for method in methods(rule):
            browser = app.test_client()
            if is_known:
                log_in(browser, user)
            with browser.open(address(rule), method=method) as answer:
                wrong += missing(answer, rule.rule)
    assert wrong == []


def test_errors_carry_the_headers_too(make_app, database_url):
    app = make_app(database_url)

    @app.get("/broken-on-purpose")
    def broken():
        raise RuntimeError("on purpose")

    asked = (("/nowhere", "GET", 404), ("/login", "PUT", 405), ("/broken-on-purpose", "GET", 500))
    with app.app_context():
        client = app.test_client()
        for path, method, status in asked:
            answer = client.open(path, method=method)
            assert (answer.status_code, missing(answer, path)) == (status, [])


def test_the_policy_lets_nothing_in_from_elsewhere():
    assert "unsafe" not in POLICY
    for piece in (
        "script-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ):
        assert piece in POLICY


def test_static_files_with_their_version_are_kept_for_ever(app, client):
    assert "immutable" in client.get("/static/css/base.css?v=1").headers["Cache-Control"]


# Cookies


def cookies(answer):
    return [value for value in answer.headers.getlist("Set-Cookie") if "=;" not in value]


def test_cookies_are_bound_to_the_host_and_to_https_where_there_is_https(make_app, database_url, app):
    make_user(email="yui@example.com", password_hash=_hash())
    secure = make_app(database_url, base_url="https://koe.example.com").test_client()
    answer = secure.post(
        "/login", data={"email": "yui@example.com", "password": PASSWORD}, base_url="https://koe.example.com"
    )
    assert len(cookies(answer)) == 2
    for cookie in cookies(answer):
        assert cookie.startswith("__Host-koe")
        assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
        assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_on_plain_http_cookies_work_without_the_prefix(app, client):
    make_user(email="yui@example.com", password_hash=_hash())
    answer = client.post("/login", data={"email": "yui@example.com", "password": PASSWORD})
    for cookie in cookies(answer):
        assert not cookie.startswith("__Host-")
        assert ("Secure" in cookie, "HttpOnly" in cookie, "SameSite=Lax" in cookie) == (False, True, True)
    assert "Strict-Transport-Security" not in answer.headers


def _hash():
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


# Forged forms


def test_no_route_changes_anything_without_the_token_of_the_form(forgeable):
    user, wrong = make_user(role=Role.ADMIN), []
    for rule in unsafe(forgeable):
        browser = forgeable.test_client()
        log_in(browser, user)
        answer = browser.post(address(rule), data={"name": "x"})
        if answer.status_code != 403:
            wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []


def test_the_token_of_another_session_is_worth_nothing(forgeable):
    user = make_user(role=Role.ADMIN)
    mine, thief = forgeable.test_client(), forgeable.test_client()
    for browser in (mine, thief):
        log_in(browser, user)
    token = thief.token("/profile")
    form = {"name": "Forged", "locale": "en", "csrf_token": token}
    assert mine.post("/profile", data=form).status_code == 403
    assert thief.post("/profile", data=form).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_even_with_the_right_token_a_form_comes_from_our_own_page(forgeable, headers, status):
    browser = forgeable.test_client()
    log_in(browser, make_user(name="Before"))
    form = {"name": "After", "locale": "en", "csrf_token": browser.token("/profile")}
    assert browser.post("/profile", data=form, headers=headers).status_code == status


def test_every_route_refuses_a_form_from_another_site(app):
    user, wrong = make_user(role=Role.ADMIN), []
    for rule in unsafe(app):
        browser = app.test_client()
        log_in(browser, user)
        if browser.post(address(rule), headers={"Sec-Fetch-Site": "cross-site"}).status_code != 403:
            wrong.append(rule.rule)
    assert wrong == []


@pytest.mark.parametrize(
    ("referrer", "status"),
    [
        ("https://koe.example.com/profile", 303),
        ("https://evil.example/", 403),
        ("http://koe.example.com/", 403),
        (None, 403),
    ],
)
def test_under_https_the_page_a_form_came_from_is_asked_for(make_app, database_url, app, referrer, status):
    secure = make_app(database_url, csrf=True, base_url="https://koe.example.com")
    browser = secure.test_client()
    user = make_user()
    with browser.session_transaction(base_url="https://koe.example.com") as kept:
        kept["sid"] = _session_of(user)
    page = browser.get("/profile", base_url="https://koe.example.com")
    form = {"name": "After", "locale": "en", "csrf_token": CSRF_FIELD.search(page.text)[1]}
    headers = {"Referer": referrer} if referrer else {}
    assert (
        browser.post("/profile", data=form, headers=headers, base_url="https://koe.example.com").status_code == status
    )


def test_under_https_a_page_that_tells_no_referrer_can_still_be_used(make_app, database_url, app):
    """The page of a one-time link, and the choice of language on it."""
    from surveys.auth import actions
    from surveys.auth.models import LinkPurpose

    secure = make_app(database_url, csrf=True, base_url="https://koe.example.com")
    link = actions.make_link(make_user(), LinkPurpose.RESET, actions.MAILED)
    db.session.commit()
    browser, path = secure.test_client(), f"/links/{link.secret}"
    with secure.app_context():
        pass
    token = CSRF_FIELD.search(browser.get(path, base_url="https://koe.example.com").text)[1]
    form = {"password": "nine boats after rain", "again": "nine boats after rain", "csrf_token": token}
    for wanted, data in (("/language", {"language": "ja", "next": path, "csrf_token": token}), (path, form)):
        answer = browser.post(wanted, data=data, headers={"Origin": "null"}, base_url="https://koe.example.com")
        assert answer.status_code == 303
    bare = browser.post(path, data=form | {"csrf_token": ""}, base_url="https://koe.example.com")
    assert bare.status_code != 303


def _session_of(user):
    from surveys.auth.models import StaffSession
    from surveys.lib import clock
    from surveys.lib.tokens import fingerprint
    from tests.factories import save

    number = "https-session-0123456789abcdef0123456789abcdef"
    now = clock.now()
    save(StaffSession(token_hash=fingerprint(number), user_id=user.id, created_at=now, seen_at=now))
    return number


def test_a_field_that_comes_twice_is_refused(agent):
    answer = agent.post(
        "/profile", data="name=One&name=Two&locale=en", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 400
