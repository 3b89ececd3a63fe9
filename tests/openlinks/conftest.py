"""A link to answer through, the application on a port of its own, and a browser that remembers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers import QUIET, find_chromium
from tests.intake.conftest import served as served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture
def playwright_chromium(browser: Browser) -> Callable[[Path], BrowserContext]:
    """Start a Chromium with a profile on disk, as a device has one."""

    def start(profile: Path) -> BrowserContext:
        settings = {"executable_path": find_chromium(), "args": list(QUIET), "locale": "en-GB"}
        return browser.browser_type.launch_persistent_context(str(profile), **settings)

    return start
