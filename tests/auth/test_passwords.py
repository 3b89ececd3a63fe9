"""Which passwords are taken, and how they are kept (X-14, X-16)."""

import time
import unicodedata

import pytest

from surveys.auth import passwords

pytestmark = pytest.mark.only("sqlite")  # pages and words: they ask nothing of one database alone

GOOD = [
    "correct horse battery",
    "pässwörd-mit-ümlaut",
    "勤怠は月末に締めるものです",
    "a\x00bcdefghij-nul",
    "k" * 3 + "x7Rq" * 20 + "!",
]
LISTED = [
    "password1234",
    "Password2026!!",
    "P@ssw0rd1234",
    "qwertyuiop12",
    "iloveyou2025",
    "sonyericsson",
    "needforspeed",
]
EASY = [
    "aaaaaaaaaaaa",
    "abababababab",
    "passwordpassword",
    "123456789012",
    "abcdefghijklm",
    "210987654321",
    "1990-01-31-1990",
]


@pytest.mark.parametrize("password", GOOD)
def test_long_passwords_of_any_characters_are_taken(app, password):
    assert passwords.problem(password) is None
    assert passwords.is_right(passwords.hashed(password), password)


@pytest.mark.parametrize("password", [*LISTED, *EASY])
def test_passwords_that_attackers_try_first_are_refused(app, password):
    assert "lists that attackers try" in passwords.problem(password)


def test_short_and_endless_passwords_are_refused(app):
    assert "at least 12" in passwords.problem("elevenchars")
    assert "at most 256" in passwords.problem("x7Rq" * 65)


@pytest.mark.parametrize("password", ["Minato-Time-2026", "yuisato!yuisato", "koe.koe.minato1", "Yui.Sato@example"])
def test_names_and_addresses_that_others_know_make_no_password(app, password):
    about = ["Yui Sato", "yui.sato@example.com", "Minato Time", "koe"]
    assert "others know" in passwords.problem(password, about)
    assert passwords.problem("seven lamps under snow", about) is None


def test_the_list_has_more_than_three_thousand_entries(app):
    assert len(passwords._common()) > 10_000
    assert passwords.is_common("Sunshine1234")


def test_a_password_is_kept_as_argon2id_and_never_twice_the_same():
    one, two = passwords.hashed("seven lamps under snow"), passwords.hashed("seven lamps under snow")
    assert one.startswith("$argon2id$")
    assert one != two
    assert not passwords.is_outdated(one)
    assert passwords.is_outdated("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)


def test_the_same_letters_are_the_same_password_however_the_keyboard_composes_them():
    kept = passwords.hashed(unicodedata.normalize("NFD", "pässwörd-mit-ümlaut"))
    assert passwords.is_right(kept, unicodedata.normalize("NFC", "pässwörd-mit-ümlaut"))


def test_a_wrong_password_no_hash_and_a_damaged_hash_are_all_simply_wrong():
    kept = passwords.hashed("seven lamps under snow")
    assert not passwords.is_right(kept, "seven lamps under rain")
    assert not passwords.is_right("", "seven lamps under snow")
    assert not passwords.is_right("damaged", "seven lamps under snow")


def test_an_unknown_user_takes_as_long_as_a_known_one():
    kept = passwords.hashed("seven lamps under snow")
    known, unknown = [], []
    for _round in range(5):
        for times, value in ((known, kept), (unknown, "")):
            start = time.process_time()
            passwords.is_right(value, "seven lamps under rain")
            times.append(time.process_time() - start)
    assert 0.5 < min(known) / min(unknown) < 2
