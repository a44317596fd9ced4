"""Versions of what is imported: A24 A25."""

import json
import sys
from importlib import metadata

import pytest

from nbtracker.notebook.packages import Packages, platform_facts

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs packages into a folder of their own, and imports them."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def put(name, *files, version="1.0", origin=None, imports=()):
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        for file in files:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            (site / file).write_text("")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
        if origin is not None:
            (info / "direct_url.json").write_text(origin)
        for module in imports:
            __import__(module)

    yield put
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_what_is_imported_has_its_version():
    """By the name it is installed by; what is only installed has none."""
    found = Packages().imported_versions()
    assert found["pytest"] == metadata.version("pytest")
    assert list(found) == sorted(found, key=str.lower)
    assert "pip" not in found
    assert not {"sys", "json"} & set(found)


def test_what_is_installed_while_the_session_goes_on_is_found(install):
    """`%pip install` in a cell."""
    packages = Packages()
    packages.imported_versions()
    install("Fresh-One", "fresh_one.py", imports=["fresh_one"])
    assert packages.imported_versions()["Fresh-One"] == "1.0"


def test_a_version_is_that_of_the_import(install, tmp_path):
    """What is installed over it is not imported yet."""
    packages = Packages()
    install("Old", "old_one.py", imports=["old_one"])
    assert packages.imported_versions()["Old"] == "1.0"
    (tmp_path / "site-packages" / "Old-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: Old\nVersion: 2.0\n"
    )
    assert packages.imported_versions()["Old"] == "1.0"


def test_of_a_shared_namespace_only_what_is_imported_counts(install):
    """Many distributions may put modules into one name."""
    install("shared-a", "shared/a.py")
    install("shared-b", "shared/b.py", imports=["shared.b"])
    found = Packages().imported_versions()
    assert ("shared-a" in found, "shared-b" in found) == (False, True)


ORIGINS = {
    "editable": ({"url": "file:///home/ada/x", "dir_info": {"editable": True}}, " (editable)"),
    "local": ({"url": "file:///tmp/build/x", "dir_info": {}}, ""),
    "repository": (
        {
            "url": f"https://ada:{TOKEN}@github.com/a/b.git",
            "vcs_info": {"vcs": "git", "commit_id": "c0ffee"},
        },
        " @ https://github.com/a/b.git@c0ffee",
    ),
    "archive": (
        {"url": f"https://h/x.whl?token={TOKEN}", "archive_info": {}},
        " @ https://h/x.whl",
    ),
    "odd": ({"url": 7, "dir_info": 7, "vcs_info": 7}, ""),
    "list": ([1], ""),
}


@pytest.mark.parametrize("kind", ORIGINS)
def test_a24_where_a_package_comes_from_has_no_credentials(install, kind):
    """Editable ones are marked; a path of this machine is left out."""
    origin, kept = ORIGINS[kind]
    install("direct", "direct_one.py", origin=json.dumps(origin), imports=["direct_one"])
    assert Packages().imported_versions()["direct"] == f"1.0{kept}"


@pytest.mark.parametrize("origin", ["", "{", "[" * 100_000], ids=["empty", "cut", "deep"])
def test_an_origin_that_cannot_be_read_is_none(install, origin):
    """The version is known nevertheless."""
    install("direct", "direct_one.py", origin=origin, imports=["direct_one"])
    assert Packages().imported_versions()["direct"] == "1.0"


def test_a24_secrets_are_taken_out_of_versions(install):
    """Whatever an address hides them in."""
    origin = json.dumps({"url": f"https://h/{TOKEN}/x.whl"})
    install("direct", "direct_one.py", origin=origin, imports=["direct_one"])
    found = Packages(lambda text: text.replace(TOKEN, "***")).imported_versions()
    assert found["direct"] == "1.0 @ https://h/***/x.whl"


def test_a_package_whose_metadata_is_broken_is_left_out(install, tmp_path):
    """The others are there."""
    install("broken", "broken_one.py", imports=["broken_one"])
    info = tmp_path / "site-packages" / "broken-1.0.dist-info"
    (info / "METADATA").write_bytes(b"\xff\xfe\n")
    found = Packages().imported_versions()
    assert ("broken" in found, "pytest" in found) == (False, True)


def test_a25_of_the_environment_only_what_is_listed_is_kept(monkeypatch):
    """Any other variable may be a secret, and so may be the names of the machine and the user."""
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", TOKEN)
    facts = platform_facts()
    assert facts["$PYTHONHASHSEED"] == "7"
    plain = {name for name in facts if not name.startswith("$")}
    assert plain == {"implementation", "system", "release", "machine", "cpu_count"}
    assert TOKEN not in str(facts)
