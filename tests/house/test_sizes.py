"""Small parts: the limits of architecture and style, counted."""

from __future__ import annotations

from tests.house import sources
from tests.house.sources import ROOT, functions, length_of, lines_of, modules, name_of, percentile, templates

LEAST_TESTS = 0.5  # lines of tests for each line of code


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{name_of(path)}:{function.lineno} {function.name} ({length_of(function)})"
        for path in modules()
        for function in functions(path)
        if length_of(function) > 50
    ]
    assert long == []


def test_nine_functions_in_ten_have_25_lines_or_fewer():
    lengths = [length_of(function) for path in modules() for function in functions(path)]
    assert percentile(lengths, 0.9) <= 25


def test_no_module_is_longer_than_400_lines():
    assert [(name_of(path), lines_of(path)) for path in modules() if lines_of(path) > 400] == []


def test_nine_modules_in_ten_have_200_lines_or_fewer():
    lengths = [lines_of(path) for path in modules() if lines_of(path)]
    assert percentile(lengths, 0.9) <= 200


def test_no_template_is_longer_than_120_lines():
    assert [(name_of(path), lines_of(path)) for path in templates() if lines_of(path) > 120] == []


def test_test_code_keeps_pace_with_code():
    """The aim is more test code than code. The share may rise here, and never fall."""
    code = sum(map(lines_of, modules()))
    tests = sum(map(lines_of, (ROOT / "tests").rglob("*.py")))
    assert tests / code >= LEAST_TESTS


def test_a_percentile_is_the_smallest_number_that_covers_the_share():
    assert [sources.percentile(list(range(1, 11)), share) for share in (0.1, 0.5, 0.9, 1.0)] == [1, 5, 9, 10]
