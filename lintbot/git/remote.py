"""Pure: how git is told where to fetch from and as whom, and what its complaints mean."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from lintbot.errors import GoneError, LimitError, LintbotError, PermanentError, TransientError
from lintbot.git.limits import GitLimits, TreeLimits
from lintbot.git.plan import show_size
from lintbot.ports import GitSource

REMOTE = "base"
"""What the remote is called for the time of a fetch."""

_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

# Words of git and libcurl, lower case; the first that fits decides.
_COMMIT_GONE = ("not our ref", "couldn't find remote ref", "no such ref", "unadvertised object")
_REPOSITORY_GONE = ("repository not found", "returned error: 404", "' not found", "error: 410")
_TOKEN_REFUSED = ("could not read username", "authentication failed", "error: 401", "error: 403")
_TOO_LARGE = ("file too large", "signal 25", "out of memory", "exceeds maximum allowed size")
_NETWORK = (
    *("could not resolve", "failed to connect", "couldn't connect", "connection", "timed out"),
    *("early eof", "rpc failed", "returned error: 5", "returned error: 429", "hung up"),
    *("gnutls", "ssl", "tls", "no space left", "expected 'acknowledgments'", "remote end"),
)


def check_address(url: str) -> str:
    """Return the protocol to allow: https to anywhere, http to this machine only.

    Raises:
        PermanentError: any other address.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return "https"
    if parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS:
        return "http"
    raise PermanentError("git fetches over https only")


def remote_config(source: GitSource, limits: TreeLimits) -> dict[str, str]:
    """Return the settings of one fetch; they travel in the environment and are stored nowhere.

    The remote is a "promisor" with a filter, so blobs that would not be laid out do not come and
    are not missed; to commands that read, without these settings, they are plainly missing.
    The token goes to this host alone: git and libcurl drop it when they are sent elsewhere.
    """
    parts = urlsplit(source.url)
    host = f"{parts.scheme}://{parts.netloc}"
    return {
        f"remote.{REMOTE}.url": source.url,
        f"remote.{REMOTE}.promisor": "true",
        f"remote.{REMOTE}.partialCloneFilter": f"blob:limit={limits.file_bytes + 1}",
        f"http.{host}/.extraHeader": f"Authorization: Basic {_basic(source)}",
        "http.followRedirects": "initial",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": "30",
    }


def secrets_of(source: GitSource) -> tuple[str, ...]:
    """Return the token in every spelling that git could repeat."""
    return (_basic(source), source.token)


def _basic(source: GitSource) -> str:
    return base64.b64encode(f"x-access-token:{source.token}".encode()).decode()


def explain(complaint: str, limits: GitLimits) -> LintbotError | None:
    """Return what a failed fetch means; None when git's words point at the mirror itself."""
    words = complaint.lower()
    if any(part in words for part in _COMMIT_GONE):
        return PermanentError("the commit is not in the repository (any more)")
    if any(part in words for part in _TOKEN_REFUSED):
        return TransientError("GitHub did not take the token for git")
    if any(part in words for part in _REPOSITORY_GONE):
        return GoneError("the repository cannot be found or may not be read")
    if any(part in words for part in _TOO_LARGE):
        size = show_size(limits.pack_bytes)
        return LimitError(f"Fetching this commit takes more than {size}, lintbot's limit.")
    if any(part in words for part in _NETWORK):
        return TransientError(f"git could not fetch: {last_line(complaint)}")
    return None


def last_line(complaint: str) -> str:
    """Return the last thing git said, at most 300 characters."""
    return complaint.strip().rsplit("\n", 1)[-1][:300]
