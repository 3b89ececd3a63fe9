"""Every route says who may use it, in a URL of nouns."""

from __future__ import annotations

import pytest

from surveys.app import BLUEPRINTS, create_app
from surveys.config import Config
from surveys.lib.access import Permission

VERBS = {"create", "update", "delete", "remove", "add", "edit", "send", "get", "set", "do", "take", "resolve", "save"}


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    app = create_app(Config(data_dir=tmp_path_factory.mktemp("data")))
    return [(rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_is_guarded_or_public(rules):
    unguarded = [rule.rule for rule, view in rules if getattr(view, "access", None) not in (*Permission, "public")]
    assert unguarded == []


def test_addresses_are_nouns(rules):
    verbs = [rule.rule for rule, _ in rules if VERBS & set(rule.rule.strip("/").replace("-", "/").split("/"))]
    assert verbs == []


def test_a_route_lives_in_the_blueprint_of_its_room(rules):
    rooms = {blueprint.name: blueprint.import_name.split(".views")[0] for blueprint in BLUEPRINTS}
    strange = [
        rule.endpoint
        for rule, view in rules
        if "." in rule.endpoint and not view.__module__.startswith(rooms[rule.endpoint.split(".")[0]])
    ]
    assert strange == []


def test_a_blueprint_is_named_for_its_room_first():
    assert [each.name for each in BLUEPRINTS if each.import_name.split(".")[1] != each.name.split("_")[0]] == []
