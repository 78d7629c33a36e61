from __future__ import annotations

from pathlib import Path

import yaml

from lintbot.github.manifest import EVENTS, PERMISSIONS


def test_app_yml_and_the_doctor_ask_for_the_same():
    manifest = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    assert manifest["default_permissions"] == dict(PERMISSIONS)
    assert tuple(manifest["default_events"]) == EVENTS
