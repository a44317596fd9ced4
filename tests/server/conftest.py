"""One server for all tests of it; each test has a project of its own in its store."""

import re
from collections.abc import Iterator

import pytest
from serving import TRUSTED, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that is gone when the tests are."""
    trusted = f"--ServerApp.allow_origin_pat={re.escape(TRUSTED)}"
    one = Server(tmp_path_factory.mktemp("server"), trusted)
    yield one
    one.stop()


@pytest.fixture(scope="session")
def jar(server: Server) -> dict[str, str]:
    """The cookies of a browser that has logged in."""
    return server.cookies()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A project that no other test has."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:100]
