from __future__ import annotations

from pathlib import Path

import yaml

from lintbot.github.manifest import EVENTS, PERMISSIONS, make_manifest


def test_app_yml_and_the_doctor_ask_for_the_same():
    manifest = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    assert manifest["default_permissions"] == dict(PERMISSIONS)
    assert tuple(manifest["default_events"]) == EVENTS


def test_setup_registers_what_app_yml_says():
    written = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    there = "https://example.org"
    made = make_manifest(
        name="lintbot",
        public_url=there,
        webhook_url=f"{there}/webhooks/github",
        redirect_url="http://localhost:8000/setup/created",
    )
    del made["redirect_url"]  # it is another one each time
    del made["request_oauth_on_install"]  # GitHub's default, said aloud
    made["hook_attributes"] = {"url": made["hook_attributes"]["url"]}
    assert made == written
