"""Who may ask: what every handler checks before it looks at a request.

Jupyter's server checks the host, the user and the XSRF cookie. Here the origin is added, compared
whole, and what browsers say of the page a request comes from. What is refused, or fails, is said
as JSON: the server's own error pages hold its token.
"""

import errno
import json
import re
from http.client import responses
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from tornado.web import HTTPError

from nbtracker.errors import Error, JournalError, NotFoundError, RunFinishedError
from nbtracker.extension.refusals import StoreBusyError

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"

# The first that fits an error counts.
STATUS: tuple[tuple[type[BaseException], int], ...] = (
    (StoreBusyError, 503),
    (NotFoundError, 404),
    (RunFinishedError, 409),
    (JournalError, 409),
    (Error, 400),
    (PermissionError, 403),
)
OTHERWISE = {403: "the store may not be read or written", 404: "there is nothing of that name"}


class Guarded(JupyterHandler):
    """Refuses what another site's page sends, with whatever cookies it has."""

    auth_resource = "nbtracker"

    async def prepare(self, **options: Any) -> None:
        """Check the request before a method sees it.

        Raises:
            HTTPError: It is refused.
        """
        if self.request.headers.get("Sec-Fetch-Mode") == "no-cors":
            raise HTTPError(403, "a page asks for this without saying that it wants to read it")
        await super().prepare(**options)
        if self.current_user is None and self.request.method != "OPTIONS":
            raise HTTPError(403, "who asks is not known")
        if self._comes_from_elsewhere():
            raise HTTPError(403, "a page of another site asks")
        self.check_origin()

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Whether the page that asks is this server's, or one that its settings allow.

        Raises:
            HTTPError: It is not.
        """
        del origin_to_satisfy_tornado
        origin = self.get_origin()
        if origin is None or self.skip_check_origin() or self._is_allowed(origin.lower()):
            return True
        raise HTTPError(403, "a page of another site asks")

    def _is_allowed(self, origin: str) -> bool:
        if self.allow_origin:
            if self.allow_origin in ("*", origin):
                return True
        # Some versions of the server compare a beginning alone, which evil.com can put first.
        elif self.allow_origin_pat and re.fullmatch(self.allow_origin_pat, origin):
            return True
        return origin in {f"{scheme}://{self.request.host.lower()}" for scheme in ("http", "https")}

    def _comes_from_elsewhere(self) -> bool:
        """Whether a browser says so, of a request without an origin that was checked."""
        site = self.request.headers.get("Sec-Fetch-Site", "none")
        checked = self.get_origin() is not None or self.token_authenticated
        return site in ("cross-site", "same-site") and not checked

    @property
    def content_security_policy(self) -> str:
        """Nothing that is answered here is a page."""
        return SANDBOX

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what was wrong, as JSON, and never where in our code."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        status = _status_of(error) or status_code
        if isinstance(error, HTTPError):
            said = error.log_message or responses.get(status, "Error")
        elif isinstance(error, Error):
            said = str(error)
        elif status in OTHERWISE:
            said = OTHERWISE[status]
        else:
            said = "nbtracker could not answer; the log of the Jupyter server says why"
        self.set_status(status)
        self.finish(json.dumps({"message": said, "hint": getattr(error, "hint", "")}))

    def log_exception(self, *said: Any) -> None:
        """Leave out the address that tornado would write down: it may hold a token."""
        if _status_of(said[1]) is None and not isinstance(said[1], HTTPError):
            self.log.error("nbtracker: a request failed", exc_info=said)


def _status_of(error: BaseException | None) -> int | None:
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return 404
    return next((status for kind, status in STATUS if isinstance(error, kind)), None)
