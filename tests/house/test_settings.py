from __future__ import annotations

import re
from pathlib import Path

import pytest

from lintbot.errors import SettingsError
from lintbot.settings import SETTINGS, load_settings, read_environment, split_pems

PEM = "-----BEGIN RSA PRIVATE KEY-----\nQUJD\n-----END RSA PRIVATE KEY-----\n"
GOOD = {
    "LINTBOT_APP_ID": "1",
    "LINTBOT_PRIVATE_KEY": PEM,
    "LINTBOT_WEBHOOK_SECRET": "long enough",
}
BAD = {
    "PORT": "many",
    "LINTBOT_SANDBOX": "D",
    "DATABASE_URL": "mysql://x",
    "LINTBOT_OSV_FILE": "/no/such/file",
}
DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_problem_is_named_at_once():
    with pytest.raises(SettingsError) as caught:
        load_settings(BAD)
    for name in (
        "LINTBOT_APP_ID",
        "LINTBOT_PRIVATE_KEY",
        "LINTBOT_WEBHOOK_SECRET",
        *BAD,
    ):
        assert name in str(caught.value)


def test_defaults(tmp_path: Path):
    settings = load_settings(GOOD | {"LINTBOT_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path}/lintbot.sqlite"
    assert settings.public_url == "http://localhost:8000"
    assert (settings.port, settings.host, settings.sandbox) == (8000, None, "auto")
    assert settings.private_keys == (PEM,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINTBOT_WEBHOOK_SECRET", "short"),
        ("LINTBOT_PRIVATE_KEY", "not a key"),
        ("LINTBOT_GITHUB_URL", "github.com"),
        ("LINTBOT_APP_ID", "Iv1.abc"),
        ("LINTBOT_JOB_TIMEOUT_SECONDS", "5"),
        ("LINTBOT_BILLING", "free"),
        ("LINTBOT_SLOTS", "-1"),
        ("LINTBOT_HOME_REPOSITORY", "no-owner"),
    ],
)
def test_malformed_setting_is_named(name: str, value: str):
    with pytest.raises(SettingsError, match=name):
        load_settings(GOOD | {name: value})


def test_no_secret_in_the_repr():
    settings = load_settings(GOOD | {"DATABASE_URL": "postgresql://u:hunter2@h/d"})
    for secret in ("QUJD", "long enough", "hunter2"):
        assert secret not in repr(settings)


def test_two_secrets_and_two_keys_while_they_are_rotated():
    two = GOOD | {
        "LINTBOT_WEBHOOK_SECRET": "the old one, the new one",
        "LINTBOT_PRIVATE_KEY": (PEM + PEM).replace("\n", "\\n"),
    }
    settings = load_settings(two)
    assert settings.webhook_secrets == ("the old one", "the new one")
    assert settings.private_keys == (PEM, PEM)


def test_key_from_a_file(tmp_path: Path):
    file = tmp_path / "key.pem"
    environ = {k: v for k, v in GOOD.items() if k != "LINTBOT_PRIVATE_KEY"}
    environ["LINTBOT_PRIVATE_KEY_FILE"] = str(file)
    with pytest.raises(SettingsError, match="LINTBOT_PRIVATE_KEY_FILE"):
        load_settings(environ)
    file.write_text(PEM)
    assert load_settings(environ).private_keys == (PEM,)


def test_pem_without_an_end_is_no_key():
    assert split_pems("-----BEGIN PRIVATE KEY-----\nQUJD\n") == ()


def test_commands_without_github_need_no_app():
    assert load_settings({}, app_required=False).app_id == 0


def test_heroku_spelling_of_postgres():
    settings = load_settings({"DATABASE_URL": "postgres://h/d"}, app_required=False)
    assert settings.database_url == "postgresql://h/d"


def test_dotenv_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text('PORT=1\nLINTBOT_HOST="::1"\n')
    monkeypatch.setenv("PORT", "2")
    monkeypatch.delenv("LINTBOT_HOST", raising=False)
    environ = read_environment(tmp_path)
    assert (environ["PORT"], environ["LINTBOT_HOST"]) == ("2", "::1")


def test_documentation_tells_every_setting_and_no_other():
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", DOCS.read_text(), re.MULTILINE)
    assert rows == [(s.name, s.default, s.meaning) for s in SETTINGS]
