"""HTTP: from a request to a function, and back. Nothing is decided here but form.

Every answer is JSON, the bytes of a series, or a file to be saved; never a page.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from nbtracker.extension.files import Attachment
from nbtracker.extension.guarding import Guarded

JSON, BYTES = "application/json", "application/octet-stream"
MAX_BODY_BYTES = 1024 * 1024
MAX_URL_BYTES = 32 * 1024
CHUNK_BYTES = 256 * 1024


class Asked(NamedTuple):
    """A request, with nothing of HTTP left in it.

    Attributes:
        path: What stands in the route's places, decoded.
        query: Each argument with all its values.
        body: The JSON object that was sent.
    """

    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Mapping[str, Any]


Answer = Mapping[str, Any] | bytes | Attachment
Respond = Callable[[Asked], Answer]


class Packed(NamedTuple):
    """An answer as it is sent.

    Attributes:
        body: Its bytes.
        kind: Its content type.
        etag: Names the bytes.
    """

    body: bytes
    kind: str
    etag: str


def packed(respond: Respond, asked: Asked) -> Packed | Attachment:
    """Answer a request; a long answer takes a while to be spelled, too."""
    answer = respond(asked)
    if isinstance(answer, Attachment):
        return answer
    kind = BYTES if isinstance(answer, bytes) else JSON
    if not isinstance(answer, bytes):
        answer = json.dumps(answer, allow_nan=False, separators=(",", ":")).encode()
    return Packed(answer, kind, f'"{hashlib.sha1(answer, usedforsecurity=False).hexdigest()}"')


class AnswerHandler(Guarded, APIHandler):
    """One route; its methods are those that have an endpoint."""

    def initialize(self, services: Any, methods: Mapping[str, Respond]) -> None:
        """Take what the extension shares among its handlers.

        Args:
            services: Where what may block is run.
            methods: Names of HTTP methods, each with what answers it.
        """
        self._services = services
        self._methods = methods
        self._etag: str | None = None

    @web.authenticated
    @authorized
    async def get(self, **path: str) -> None:
        """Answer a question; changes nothing."""
        await self._answer(path)

    @web.authenticated
    @authorized
    async def post(self, **path: str) -> None:
        """Have something done."""
        await self._answer(path)

    @web.authenticated
    @authorized
    async def patch(self, **path: str) -> None:
        """Change a run."""
        await self._answer(path)

    @web.authenticated
    @authorized
    async def delete(self, **path: str) -> None:
        """Move a run to the trash."""
        await self._answer(path)

    def update_api_activity(self) -> None:
        """Count what people do: a chart that follows its run keeps no idle server from its end."""
        if self.request.method != "GET":
            super().update_api_activity()

    async def _answer(self, path: Mapping[str, str]) -> None:
        method = str(self.request.method)
        endpoint = self._methods.get(method)
        if endpoint is None:
            self.set_header("Allow", ", ".join(sorted(self._methods)))
            raise web.HTTPError(405, "this is not how it is asked")
        asked = Asked(path, self._query(), {} if method == "GET" else self._body())
        self._store = path.get("store", "")
        answer = await self._services.in_thread(partial(packed, endpoint, asked), self._store)
        self.set_header("Cache-Control", "private, no-cache")
        if isinstance(answer, Attachment):
            await self._send(answer)
        else:
            self._etag = answer.etag
            await self.finish(answer.body, set_content_type=answer.kind)

    def compute_etag(self) -> str | None:
        """Give what was made of the answer in a thread; tornado asks when it sends."""
        return self._etag

    def _query(self) -> dict[str, list[str]]:
        if len(self.request.uri or "") > MAX_URL_BYTES:
            raise web.HTTPError(414, "this asks for too much at once; ask for less, more often")
        named = self.request.query_arguments
        return {name: self.get_query_arguments(name, strip=False) for name in named}

    def _body(self) -> dict[str, Any]:
        """What was sent, as long as no page of another site could have sent it unasked."""
        sent = self.request.body
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != JSON and (sent or kind):
            raise web.HTTPError(400, f"what is sent must be {JSON}")
        if len(sent) > MAX_BODY_BYTES:
            raise web.HTTPError(413, f"what is sent may have {MAX_BODY_BYTES} bytes")
        try:
            said = json.loads(sent or b"{}", parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise web.HTTPError(400, "what is sent is not JSON") from error
        if not isinstance(said, dict):
            raise web.HTTPError(400, "what is sent must be a JSON object")
        return said

    async def _send(self, answer: Attachment) -> None:
        """Send a file so that no browser takes it for anything but bytes to be saved."""
        with answer.file as file:
            stat = os.fstat(file.fileno())
            self.set_attachment_header(answer.name.rpartition("/")[2])
            self.set_header("Content-Type", BYTES)
            self.set_header("Etag", f'"{stat.st_mtime_ns:x}-{stat.st_size:x}-{stat.st_ino:x}"')
            if self.check_etag_header():
                self.set_status(304)
                await self.finish(set_content_type=BYTES)
                return
            self.set_header("Content-Length", stat.st_size)
            await self._stream(file, stat.st_size)

    async def _stream(self, file: BinaryIO, n_bytes: int) -> None:
        """Send so many bytes, and not one that was appended meanwhile."""
        left = n_bytes
        try:
            while left > 0:
                read = partial(file.read, min(CHUNK_BYTES, left))
                chunk = await self._services.in_thread(read, self._store, is_begun=left < n_bytes)
                if not chunk:
                    raise OSError(f"a file became shorter while it was sent, by {left} bytes")
                left -= len(chunk)
                self.write(chunk)
                await self.flush()
            await self.finish(set_content_type=BYTES)
        except StreamClosedError:
            return  # who asked has left


class MissingHandler(AnswerHandler):
    """Every other address below ours, so that a mistyped one is answered as JSON, too."""

    async def _answer(self, _: Mapping[str, str]) -> None:
        raise web.HTTPError(404, "there is nothing of that name")


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
