"""The key file: made once and whole, by whoever is first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from surveys.config import Misconfigured
from surveys.lib.tokens import keyring


def test_keys_are_made_for_their_owner_only_and_read_again(tmp_path):
    path = tmp_path / "token-keys.json"
    made = keyring(path)
    assert (keyring(path), path.stat().st_mode & 0o077, list(tmp_path.iterdir())) == (made, 0, [path])


def test_processes_that_start_at_once_have_the_same_keys(tmp_path):
    together = threading.Barrier(8)

    def start(_number):
        together.wait()
        return keyring(tmp_path / "token-keys.json")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", "{}", '{"keys": [], "address": "aa"}', '{"keys": [""], "address": "aa"}']
)
def test_damaged_keys_are_refused_and_stay_as_they_are(tmp_path, kept):
    path = tmp_path / "token-keys.json"
    path.write_text(kept)
    with pytest.raises(Misconfigured, match="damaged"):
        keyring(path)
    assert path.read_text() == kept
