"""Files of runs over HTTP: bytes to be saved, from inside the run, and nothing else."""

import os
import socket
from pathlib import Path

import pytest
from serving import TOKEN, Server
from written import record

from nbtracker.store.layout import RunFolder

PAGE = b"<html><script>alert(1)</script>"


@pytest.fixture
def folder(server: Server, project: str) -> RunFolder:
    """A run with a file that claims to be a picture."""
    found = record(server.store, "one", project=project)
    found.files.mkdir()
    (found.files / "plot.png").write_bytes(PAGE)
    return found


def files(folder: RunFolder, name: str = "") -> str:
    """The address of a file of a run."""
    return f"stores/default/runs/{folder.project}/{folder.id}/files" + (name and f"/{name}")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "<script>", ""])
def test_a16_a_file_is_bytes_whatever_it_is_called_and_asked_for_as(
    server: Server, folder: RunFolder, kind: str
) -> None:
    """No browser draws it: it is saved, under a policy that lets nothing run."""
    headers = {"Content-Type": kind, "Accept": kind}
    answer = server.ask("GET", files(folder, "plot.png"), headers=headers)
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'"} <= set(policy)


@pytest.mark.parametrize("name", ["logged.html", "logged.svg", "logged.xhtml", "logged.md"])
def test_a14_a_page_that_was_logged_is_saved_and_never_shown(
    server: Server, folder: RunFolder, name: str
) -> None:
    """Its scripts, entities and foreign objects are bytes, with a policy that lets nothing run."""
    (folder.files / name).write_bytes(PAGE)
    headers = server.ask("GET", files(folder, name)).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in headers["Content-Security-Policy"].split("; ")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a16_no_answer_of_ours_is_a_page(server: Server, folder: RunFolder) -> None:
    """JSON says that it is JSON, and an odd type that was asked for is not said back."""
    odd = {"Content-Type": "text/html; evil=1", "Accept": "text/html"}
    for path in ("stores", files(folder), "stores/default/runs", "nothing"):
        answer = server.ask("GET", path, headers=odd)
        assert answer.headers["Content-Type"] == "application/json"
        assert "evil" not in str(answer.headers)


def test_a_file_whose_name_is_no_text_hides_no_other(server: Server, folder: RunFolder) -> None:
    """No address can be made of it."""
    (folder.files / os.fsdecode(b"bad\xff.txt")).write_bytes(b"")
    said = server.get(files(folder))
    assert [one["path"] for one in said["files"]] == ["plot.png"]


def test_a_file_that_did_not_change_is_not_sent_again(server: Server, folder: RunFolder) -> None:
    """Its ETag is enough; a changed file has another one."""
    path = files(folder, "plot.png")
    tag = {"If-None-Match": server.ask("GET", path).headers["Etag"]}
    again = server.ask("GET", path, headers=tag)
    assert (again.status, again.body) == (304, b"")
    (folder.files / "plot.png").write_bytes(b"other")
    assert server.ask("GET", path, headers=tag).body == b"other"


def test_a_large_file_arrives_whole(server: Server, folder: RunFolder) -> None:
    """Megabytes go through in pieces, byte for byte."""
    data = os.urandom(5_000_003)
    (folder.files / "weights.bin").write_bytes(data)
    assert server.ask("GET", files(folder, "weights.bin")).body == data


def test_a_name_cannot_add_a_header(server: Server, folder: RunFolder) -> None:
    """Quotes and line ends of a file's name stay in the name."""
    (folder.files / 'a";\r\nX-Evil: 1.txt').write_bytes(b"x")
    answer = server.ask("GET", files(folder, "a%22%3B%0D%0AX-Evil:%201.txt"))
    assert "X-Evil" not in answer.headers
    assert answer.status in (200, 400, 404)


OUTSIDE = [
    "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5cetc%5cpasswd",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "a/../../journals/main.journal",
    "..%252fjournals%252fmain.journal",
    "../journals/main.journal",
    "%00",
    "plot.png%00.txt",
    "C:%5Cwindows",
    "x" * 5_000,
    "%ff%fe",
    "nothing.txt",
]


@pytest.mark.parametrize("name", OUTSIDE, ids=range(len(OUTSIDE)))
def test_a1_no_name_leads_out_of_the_run(server: Server, folder: RunFolder, name: str) -> None:
    """Whatever is asked for, only files of the run are given."""
    answer = server.ask("GET", files(folder, name))
    assert answer.status in (400, 404)
    assert b"root:" not in answer.body
    assert b"secret" not in answer.body


def test_a3_links_are_not_followed(server: Server, folder: RunFolder, tmp_path: Path) -> None:
    """A link to a file, to a folder, or to another run's file is no file of the run."""
    (tmp_path / "secret.txt").write_text("secret")
    other = record(server.store, "other", project=folder.project)
    (folder.files / "file").symlink_to(tmp_path / "secret.txt")
    (folder.files / "folder").symlink_to(tmp_path)
    (folder.files / "other").symlink_to(other.journals[0])
    for name in ("file", "folder/secret.txt", "other"):
        assert server.ask("GET", files(folder, name)).status in (400, 404), name
    listed = [one["path"] for one in server.get(files(folder))["files"]]
    assert listed == ["plot.png"]


def test_a3_a_run_that_is_a_link_is_no_run(server: Server, project: str, tmp_path: Path) -> None:
    """What is behind it is not served, under whichever route."""
    elsewhere = record(type(server.store)(tmp_path), "one", project=project)
    elsewhere.files.mkdir()
    (elsewhere.files / "a.txt").write_text("secret")
    (server.store.path / project).mkdir()
    (server.store.path / project / "one").symlink_to(elsewhere.path)
    run = f"stores/default/runs/{project}/one"
    for path in ("", "/files", "/files/a.txt", "/cells", "/config", "/code", "/series?metric=a"):
        answer = server.ask("GET", run + path)
        assert answer.status in (400, 404), path
        assert b"secret" not in answer.body


@pytest.mark.parametrize("name", [".env", ".git/config", "sub/.hidden", ".netrc"])
def test_a37_hidden_files_are_not_served(server: Server, folder: RunFolder, name: str) -> None:
    """They are neither listed nor given, even where they came into a run's folder."""
    path = folder.files / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("KEY=secret")
    assert server.ask("GET", files(folder, name)).status in (400, 404)
    assert [one["path"] for one in server.get(files(folder))["files"]] == ["plot.png"]


@pytest.mark.parametrize("kind", ["fifo", "socket", "folder"])
def test_a5_what_is_no_file_is_not_given(server: Server, folder: RunFolder, kind: str) -> None:
    """A FIFO, a socket and a folder named as a file hold nobody up."""
    path = folder.files / "odd"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        here = os.open(folder.files, os.O_RDONLY)
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(f"/proc/self/fd/{here}/odd")
        os.close(here)
    assert server.ask("GET", files(folder, "odd")).status in (400, 404)


def test_a26_an_address_in_a_run_is_never_asked(server: Server, project: str) -> None:
    """The server shows addresses; it connects to none of them."""
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        said = {"url": url, "redirect": f"file:///{url}", "image": f"![]({url})"}
        run = record(server.store, "urls", project=project, config=said, summary=said, notes=url)
        run.files.mkdir()
        (run.files / "a.md").write_text(f"![]({url})")
        base = f"stores/default/runs/{project}/urls"
        for path in ("", "/cells", "/config", "/files", "/files/a.md", "/code"):
            server.ask("GET", base + path)
        server.ask("GET", f"stores/default/compare?run={project}/urls&run={project}/urls")
        with pytest.raises(TimeoutError):
            trap.accept()


TRICKS = ["//evil.com/%2e%2e", "/\\evil.com", "//evil.com//", "%2f%2fevil.com/", "?next=//evil.com"]


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("token", [None, TOKEN])
def test_a36_nobody_is_sent_elsewhere(server: Server, trick: str, token: str | None) -> None:
    """No address of ours answers with a redirect."""
    for below in ("nbtracker/api/stores", "nbtracker/api/", "nbtracker/", "nbtracker/events"):
        answer = server.ask("GET", trick, below=below, token=token)
        assert answer.status in (200, 400, 403, 404)
        assert "Location" not in answer.headers
