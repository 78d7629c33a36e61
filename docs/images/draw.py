"""Draws check-run.png from the demo's real output: python docs/images/draw.py (needs Chromium)."""

from __future__ import annotations

import asyncio
import html
import subprocess
import tempfile
from pathlib import Path

import aiohttp
from markdown_it import MarkdownIt

from lintbot.demo.replay import find_source, host, push, wait_for_check
from lintbot.settings import load_settings
from lintbot.standin.server import StandIn
from lintbot.standin.state import CheckRun
from lintbot.wiring.server import open_server

PICTURE = Path(__file__).with_name("check-run.png")
PORT = 8437
STYLES = ("flat", "flat-square", "plastic", "for-the-badge", "social")
WIDTH, HEIGHT = 1100, 990

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ font: 14px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; color: #1f2328; margin: 24px 32px }}
.badges {{ display: flex; gap: 14px; align-items: center; margin-bottom: 20px }}
.box {{ border: 1px solid #d1d9e0; border-radius: 6px; margin-bottom: 20px; overflow: hidden }}
.head {{ padding: 10px 16px; background: #f6f8fa; border-bottom: 1px solid #d1d9e0 }}
.failure {{ color: #d1242f; font-weight: 700 }} .body {{ padding: 4px 16px 8px }}
table {{ border-collapse: collapse; margin: 8px 0 }}
td, th {{ border: 1px solid #d1d9e0; padding: 4px 12px; text-align: left }}
h3 {{ margin: 12px 0 6px; font-size: 16px }} p {{ margin: 8px 0 }} a {{ color: #0969da }}
code, pre {{ font: 12px/1.6 "DejaVu Sans Mono", monospace }} a {{ text-decoration: none }}
code {{ background: #eff1f3; border-radius: 4px; padding: 2px 5px }} pre {{ margin: 0 }}
.note {{ border-left: 4px solid #d1242f; margin: 6px 16px 10px; padding: 6px 12px;
  background: #fff5f5 }} .line {{ padding: 0 16px }} .number {{ color: #818b98 }}
</style>
<div class="badges">{badges}</div>
<div class="box"><div class="head"><span class="failure">✗ lintbot</span> &nbsp;{title}</div>
<div class="body">{summary}</div></div>
<div class="box"><div class="head"><code>shelf.py</code></div>{notes}</div>
"""


async def main() -> None:
    """Run the demo's sample through the App and draw the commit that fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "nothing").mkdir()
        async with StandIn(folder) as github:
            settings = load_settings(
                {
                    "LINTBOT_APP_ID": str(github.app.id),
                    "LINTBOT_PRIVATE_KEY": github.app.private_key,
                    "LINTBOT_WEBHOOK_SECRET": github.app.webhook_secret,
                    "LINTBOT_GITHUB_URL": github.url,
                    "LINTBOT_GITHUB_API_URL": github.api_url,
                    "LINTBOT_DATA_DIR": str(folder / "data"),
                    "PORT": str(PORT),
                }
            )
            async with open_server(settings) as url:
                github.app.hook_url = f"{url}/webhooks/github"
                source = find_source(folder / "nothing", 5, folder)
                repository = await host(github, source, folder)
                failed: CheckRun | None = None
                text: list[str] = []
                for commit in source.commits:
                    await push(github, repository, source.branch, commit)
                    run = await wait_for_check(github, repository, commit, 60)
                    if run is not None and run.conclusion == "failure":
                        failed, text = run, read(source.path, commit.sha)
                assert failed is not None
                badges = [await fetch(f"{url}/badge/demo/bookshelf.svg?style={s}") for s in STYLES]
        (folder / "page.html").write_text(render(failed, text, badges))
        draw(folder / "page.html", folder)


def read(repository: Path, sha: str) -> list[str]:
    """Return the lines of the file that the annotations sit in."""
    command = ["git", "-C", str(repository), "show", f"{sha}:shelf.py"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


async def fetch(url: str) -> str:
    """Return a badge's SVG."""
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.text()


def render(run: CheckRun, lines: list[str], badges: list[str]) -> str:
    """Return the page that is drawn."""
    summary = MarkdownIt().enable("table").render(run.summary or "")
    notes = "".join(_note(note, lines) for note in run.annotations[:3])
    title = html.escape(run.title or "")
    return PAGE.format(badges="".join(badges), title=title, summary=summary, notes=notes)


def _note(note: dict[str, object], lines: list[str]) -> str:
    number = int(str(note["start_line"]))
    line = f'<span class="number">{number:>3}</span>  {html.escape(lines[number - 1])}'
    title, message = html.escape(str(note["title"])), html.escape(str(note["message"]))
    return f'<pre class="line">{line}</pre><div class="note"><b>{title}</b><br>{message}</div>'


def draw(page: Path, folder: Path) -> None:
    """Let Chromium take the picture."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    size = f"--window-size={WIDTH},{HEIGHT}"
    command = ["chromium", *options, f"--user-data-dir={folder / 'profile'}", size]
    subprocess.run(
        [*command, f"--screenshot={PICTURE}", page.as_uri()], check=True, capture_output=True
    )


if __name__ == "__main__":
    asyncio.run(main())
