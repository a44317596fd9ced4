"""Who may come in: each route and method, and each way in which a request may be another's."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import websocket
from serving import PATIENCE_S, TRUSTED, Listening, Server, spelled
from written import record

LIST_ROUTES = """
import json
from jupyter_server.serverapp import ServerApp
app = ServerApp(allow_root=True, jpserver_extensions={"nbtracker.extension": True})
app.initialize(argv=[], new_httpserver=False)
def walk(rules):
    for rule in rules:
        if hasattr(rule.target, "rules"):
            yield from walk(rule.target.rules)
        elif getattr(rule.target, "__module__", "").startswith("nbtracker"):
            methods = sorted(rule.target_kwargs.get("methods", ()))
            yield [rule.matcher.regex.pattern, rule.target.__name__, methods]
print("routes:" + json.dumps(list(walk(app.web_app.default_router.rules))))
"""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
WRITES = ("POST", "PUT", "PATCH", "DELETE")


@pytest.fixture(scope="module")
def routes(server: Server) -> list[Any]:
    """What the application has, asked of it: (address below the base, kind, methods)."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        env=server.environ,
        cwd=server.work,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert "routes:" in done.stdout, done.stderr
    record(server.store, "one", project="doors", config={"lr": 1}, rows=[{"loss": 0.5}])
    found = json.loads(done.stdout.rpartition("routes:")[2])
    return [[address(pattern), kind, methods] for pattern, kind, methods in found]


def address(pattern: str) -> str:
    """An address that fits a pattern, of a run that is there."""
    places = {"store": "default", "project": "doors", "run": "one", "execution": "x", "name": "x"}
    filled = re.sub(
        r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda found: places.get(found[1], "a"), pattern
    )
    filled = filled.removesuffix("$").removeprefix("/").replace(r"(?:/.*)?", "/no/such")
    assert re.fullmatch(r"[\w/]+", filled), f"{pattern} became {filled}"
    return filled


@pytest.fixture
def unchanged(server: Server) -> Iterator[None]:
    """The store is afterwards as it was before, to the byte and the moment."""
    before = looks(server)
    yield
    assert looks(server) == before


def looks(server: Server) -> dict[str, tuple[int, int]]:
    """All files and folders of the store."""
    found = {str(path): path.lstat() for path in server.store.path.rglob("*")}
    return {name: (stat.st_size, stat.st_mtime_ns) for name, stat in found.items()}


def attacks(server: Server, jar: dict[str, str], method: str) -> dict[str, dict[str, str]]:
    """Headers of requests that must not get in."""
    mine = {"Cookie": spelled(jar), "X-XSRFToken": jar["_xsrf"]}
    found = {
        "no token": {},
        "a bad token": {"Authorization": "token guess"},
        "a foreign origin": mine | {"Origin": "http://evil.com"},
        "no real origin": mine | {"Origin": "null"},
        "our origin, and more": mine | {"Origin": f"http://127.0.0.1:{server.port}.evil.com"},
        "another port": mine | {"Origin": f"http://127.0.0.1:{server.port + 1}"},
        "a trusted origin, and more": mine | {"Origin": f"{TRUSTED}.evil.com"},
        "an origin that is none": mine | {"Origin": "http://["},
        "another scheme": mine | {"Origin": f"javascript://127.0.0.1:{server.port}"},
        "an evil host": mine | {"Host": "evil.com"},
        "no-cors": mine | {"Sec-Fetch-Mode": "no-cors"},
        "cross-site": mine | {"Sec-Fetch-Site": "cross-site"},
        "same site, other port": mine | {"Sec-Fetch-Site": "same-site"},
    }
    if method in WRITES:
        found["no XSRF token"] = {"Cookie": spelled(jar)}
        found["a wrong XSRF token"] = mine | {"X-XSRFToken": "guess"}
    return found


def test_the_routes_are_those_of_the_contract(routes: list[Any]) -> None:
    """There are HTTP routes, one websocket, and nothing beside them."""
    kinds = [kind for _, kind, _ in routes]
    assert kinds.count("AnswerHandler") >= 15
    assert (kinds.count("EventsHandler"), kinds.count("MissingHandler")) == (1, 1)
    assert set(kinds) == {"AnswerHandler", "EventsHandler", "MissingHandler"}


def test_a19_no_route_lets_another_in(
    server: Server, jar: dict[str, str], routes: list[Any], unchanged: None
) -> None:
    """Each HTTP route x method x attack is refused, and nothing changes."""
    let_in = []
    for path, _, _ in routes:
        for method in METHODS:
            for name, headers in attacks(server, jar, method).items():
                answer = server.ask(method, path, b"", headers=headers, token=None, below="")
                if answer.status != 403:
                    let_in.append((method, path, name, answer.status))
    assert let_in == []


def test_a19_json_that_a_form_can_send_is_refused(
    server: Server, jar: dict[str, str], routes: list[Any], unchanged: None
) -> None:
    """What is sent as text, or as a form, is not read, whoever sends it."""
    mine = {"Cookie": spelled(jar), "X-XSRFToken": jar["_xsrf"]}
    taken = []
    for path, kind, methods in routes:
        for method in (one for one in methods if kind == "AnswerHandler" and one != "GET"):
            for form in ("text/plain", "application/x-www-form-urlencoded", "text/json", ""):
                headers = mine | {"Content-Type": form}
                answer = server.ask(
                    method, path, b'{"name": "x"}', headers=headers, token=None, below=""
                )
                if answer.status not in (400, 403):
                    taken.append((method, path, form, answer.status))
    assert taken == []


def test_a19_no_websocket_for_another(server: Server, jar: dict[str, str]) -> None:
    """The websocket is refused before it is one."""
    for name, headers in attacks(server, jar, "GET").items():
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            Listening(server, token=None, headers=headers)
        assert refused.value.status_code == 403, name


def test_a19_asking_changes_nothing(server: Server, routes: list[Any], unchanged: None) -> None:
    """GET with every right leaves the store as it was."""
    for path, kind, methods in routes:
        if kind == "AnswerHandler" and "GET" in methods:
            assert server.ask("GET", path, below="").status in (200, 400, 404), path


def test_a19_a_method_that_a_route_lacks_is_refused(
    server: Server, routes: list[Any], unchanged: None
) -> None:
    """With every right, too: the table says all there is."""
    for path, kind, methods in routes:
        for method in (one for one in METHODS if kind == "AnswerHandler" and one not in methods):
            assert server.ask(method, path, below="").status == 405, (method, path)


def test_a_browser_that_has_logged_in_may_do_both(server: Server, jar: dict[str, str]) -> None:
    """What the attacks lack is enough: cookies to read, and the XSRF token to write."""
    mine = {"Cookie": spelled(jar), "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    run = "stores/default/runs/doors/may"
    record(server.store, "may", project="doors")
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    assert server.ask("GET", run, token=None, headers=mine).status == 200
    said = server.ask(
        "PATCH",
        run,
        {"name": "new"},
        token=None,
        headers=mine | origin | {"X-XSRFToken": jar["_xsrf"]},
    )
    assert (said.status, said.said["name"]) == (200, "new")


def test_an_origin_that_the_settings_allow_comes_in(server: Server, jar: dict[str, str]) -> None:
    """`ServerApp.allow_origin_pat` counts here as elsewhere."""
    headers = {"Cookie": spelled(jar), "Origin": TRUSTED, "Sec-Fetch-Site": "cross-site"}
    answer = server.ask("GET", "stores", token=None, headers=headers)
    assert answer.status == 200
    with server.listening(token=None, headers=headers) as one:
        assert one.watch()["type"] == "changed"


def test_what_is_refused_is_said_as_json_without_secrets(server: Server, routes: list[Any]) -> None:
    """No page of the server's own, which holds its token; no traceback."""
    for path, _, _ in routes:
        answer = server.ask("GET", path, token=None, below="")
        assert set(answer.said) == {"message", "hint"}
        assert b"secret" not in answer.body


def test_an_address_below_ours_that_is_none_is_json_too(server: Server) -> None:
    """A mistyped address says so, to who may ask."""
    for path in ("nothing", "stores/default/", "", "stores/default/runs/a/b/c/d/e"):
        answer = server.ask("GET", path)
        assert (answer.status, set(answer.said)) == (404, {"message", "hint"})


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"1", b'"x"', b"[" * 100_000, b'{"a": NaN}', b"\xff"]
)
def test_a_body_that_is_no_json_object_is_refused(server: Server, body: bytes) -> None:
    """What cannot be read is the client's fault, not the server's."""
    headers = {"Content-Type": "application/json"}
    answer = server.ask("PATCH", "stores/default/runs/doors/one", body, headers=headers)
    assert answer.status == 400


def test_a28_what_is_too_large_is_refused(server: Server) -> None:
    """A body of megabytes, and an address of tens of thousands of bytes."""
    run = "stores/default/runs/doors/one"
    assert server.ask("PATCH", run, {"notes": "x" * 2_000_000}).status == 413
    assert server.ask("GET", f"{run}/series?metric={'x' * 40_000}").status == 414


READERS = """
from jupyter_server.auth import Authorizer

class Readers(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "nbtracker" or action == self.config.Readers.action
"""


@pytest.fixture(scope="module", params=["read", "nothing"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[tuple[Server, bool]]:
    """A server whose authorizer lets users read our resource, or do nothing with it."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "work").mkdir()
    (folder / "work" / "readers.py").write_text(READERS)
    options = ["--ServerApp.authorizer_class=readers.Readers", f"--Readers.action={request.param}"]
    one = Server(folder, *options)
    record(one.store, "one", project="doors")
    yield one, request.param == "read"
    one.stop()


def test_a20_the_authorizer_of_the_server_decides(
    guarded: tuple[Server, bool], routes: list[Any]
) -> None:
    """Who may only read changes nothing; who may not read hears nothing."""
    server, may_read = guarded
    before = looks(server)
    for path, kind, methods in routes:
        for method in methods if kind == "AnswerHandler" else ():
            status = server.ask(method, path, {}, below="").status
            assert (status == 403) != (may_read and method == "GET"), (method, path, status)
    assert looks(server) == before
    if may_read:
        with server.listening() as one:
            assert one.watch()["type"] == "changed"
    else:
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            Listening(server)
        assert refused.value.status_code == 403


def test_a_preflight_of_another_site_is_given_no_leave(
    server: Server, routes: list[Any], unchanged: None
) -> None:
    """OPTIONS, which browsers send without cookies, says nothing of runs and allows no origin."""
    headers = {"Origin": "http://evil.com", "Access-Control-Request-Method": "PATCH"}
    for path, _, _ in routes:
        answer = server.ask("OPTIONS", path, headers=headers, token=None, below="")
        assert answer.body in (b"", b'{"message": "Method Not Allowed", "hint": ""}'), path
        assert "Access-Control-Allow-Origin" not in answer.headers
