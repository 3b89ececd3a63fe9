"""The stylesheets keep the rules of the design: one place for values, one file a component, nothing unlinked."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CSS, JS, TEMPLATES = ROOT / "static" / "css", ROOT / "static" / "js", ROOT / "templates"
COMPONENTS = CSS / "components"
HEAD = TEMPLATES / "layouts" / "_head.html"
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")
MODULE = re.compile(r'^  ("\[[a-z-]+\]"|[a-z]+): "([a-z]+)",$', re.MULTILINE)
# The pages of customers stand for themselves: one stylesheet inside them all, and the tablet's own.
OF_CUSTOMERS = {"public.css", "kiosk.css", "kiosk.js", "kiosk-shelf.js", "kiosk-worker.js"}
SIZES = {"13", "14", "16", "18", "22", "28"}


def sheets() -> list[Path]:
    return sorted(CSS.rglob("*.css"))


def shared() -> set[str]:
    """The components' stylesheets that every page links."""
    listed = HEAD.read_text(encoding="utf-8").split("{% set shared = [")[1].split("] %}")[0]
    return set(re.findall(r'"([a-z-]+)"', listed))


def linked_by_a_page() -> set[str]:
    """Those that a room's pages link themselves, singly or in a loop over a list."""
    pages = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")]
    singly = {name for page in pages for name in re.findall(r"css/components/([a-z-]+)\.css", page)}
    lists = [names for page in pages for names in re.findall(r"for sheet in \[([^\]]+)\]", page)]
    return singly | {name for names in lists for name in re.findall(r'"([a-z-]+)"', names)}


def test_every_shared_stylesheet_exists_and_every_one_is_linked():
    there = {path.stem for path in COMPONENTS.glob("*.css")}
    assert shared() <= there
    assert there - shared() - linked_by_a_page() == set()


def test_every_class_of_a_component_is_styled_somewhere():
    styled = set(re.findall(r"\.([a-z][a-z0-9_-]*)", "".join(path.read_text("utf-8") for path in sheets())))
    unknown = {
        name
        for path in (TEMPLATES / "components").glob("*.html")
        for found in re.findall(r'class="([a-z0-9_ -]+)"', path.read_text(encoding="utf-8"))
        for name in found.split()
        if name not in styled
    }
    assert unknown == set()


def test_colours_are_written_in_one_file():
    elsewhere = [
        f"{path.name}: {line.strip()[:60]}"
        for path in sheets()
        if path.name not in ("tokens.css", "public.css", "print.css")
        for line in path.read_text(encoding="utf-8").splitlines()
        if COLOUR.search(line)
    ]
    assert elsewhere == []


def test_everything_but_the_customers_page_stands_in_a_layer():
    loose = [
        path.name for path in sheets() if path.name not in OF_CUSTOMERS and "@layer" not in path.read_text("utf-8")
    ]
    assert loose == []


def test_there_are_six_sizes_of_type_and_two_weights():
    tokens = (CSS / "tokens.css").read_text(encoding="utf-8")
    assert set(re.findall(r"--text-(\d+):", tokens)) == SIZES
    weights = {w for path in sheets() for w in re.findall(r"font-weight:\s*(\d+)", path.read_text("utf-8"))}
    assert weights <= {"400", "600"}


def test_nothing_moves_longer_than_150_milliseconds():
    tokens = (CSS / "tokens.css").read_text(encoding="utf-8")
    assert max(int(ms) for ms in re.findall(r"(\d+)ms", tokens)) <= 150
    assert not [
        path.name for path in sheets() if re.search(r"@keyframes|animation:|gradient\(", path.read_text("utf-8"))
    ]


def test_the_customers_stylesheet_is_small_enough_to_be_inlined():
    assert len((CSS / "public.css").read_bytes()) <= 6 * 1024


def test_a_tablets_own_style_and_script_are_small():
    assert sum(len(gzip.compress(path.read_bytes())) for path in (CSS / "kiosk.css", *JS.glob("kiosk*.js"))) < 6 * 1024


def test_a_staff_page_carries_little_style_and_script():
    style = sum(len(gzip.compress(path.read_bytes())) for path in sheets() if path.name not in OF_CUSTOMERS)
    script = sum(len(gzip.compress(path.read_bytes())) for path in JS.glob("*.js") if path.name not in OF_CUSTOMERS)
    assert (style < 32 * 1024, script < 12 * 1024) == (True, True)


def test_every_script_that_is_asked_for_exists():
    asked = dict(MODULE.findall((JS / "app.js").read_text(encoding="utf-8")))
    there = {path.stem for path in JS.glob("*.js") if path.name not in OF_CUSTOMERS} - {"app"}
    assert set(asked.values()) == there


def test_scripts_leave_styles_alone():
    assert [
        path.name for path in JS.glob("*.js") if re.search(r"\.style\b|innerHTML|eval\(", path.read_text("utf-8"))
    ] == []
