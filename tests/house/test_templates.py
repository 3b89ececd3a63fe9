"""Templates: no inline style or script, nothing marked safe, and the same order of rooms as the code."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.sources import TEMPLATES, name_of, room_of, stands_on, templates

# The customer's page is one request: it carries its style, allowed by the hash in its policy. A mail can link none.
MAY_STYLE = ("layouts/public", "layouts/email", "intake/")
REFERENCE = re.compile(r"""{%-?\s*(?:extends|include|import|from)\s+\(?\s*["']([^"']+)["']""")
STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"<[^>{]*\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE)
SAFE = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(")


def where(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Every line of these templates on which the pattern is found."""
    return [
        f"{name_of(path)}:{number} {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def is_mail(path: Path) -> bool:
    return "email" in path.relative_to(TEMPLATES).parts or path.name.startswith("email")


def test_nothing_is_marked_safe():
    assert where(SAFE, list(templates())) == []


def test_pages_carry_no_inline_style():
    exempt = [path for path in templates() if name_of(path).removeprefix("templates/").startswith(MAY_STYLE)]
    assert where(STYLE, [path for path in templates() if path not in exempt and not is_mail(path)]) == []


def test_pages_carry_no_inline_script():
    assert where(INLINE_SCRIPT, list(templates())) == []
    assert where(HANDLER, list(templates())) == []


def test_templates_use_layouts_components_and_the_rooms_below():
    wrong = []
    for path in templates():
        for target in REFERENCE.findall(path.read_text(encoding="utf-8")):
            room, owner = target.split("/")[0], room_of(path)
            if room in ("layouts", "components", "errors"):
                continue
            if owner is None or not stands_on(owner, room):
                wrong.append(f"{name_of(path)} → {target}")
    assert wrong == []


def test_every_template_that_is_named_exists():
    missing = [
        f"{name_of(path)} → {target}"
        for path in templates()
        for target in REFERENCE.findall(path.read_text(encoding="utf-8"))
        if not (TEMPLATES / target).exists()
    ]
    assert missing == []


def test_every_component_that_looks_like_something_has_its_stylesheet():
    styles = {path.stem for path in (TEMPLATES.parent / "static" / "css" / "components").glob("*.css")}
    components = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    assert styles, "no stylesheet at all"
    assert components, "no component at all"


def test_layouts_declare_their_language():
    pages = [path for path in (TEMPLATES / "layouts").glob("*.html") if "<html" in path.read_text(encoding="utf-8")]
    assert [name_of(path) for path in pages if not re.search(r"<html[^>]*\slang=", path.read_text("utf-8"))] == []
