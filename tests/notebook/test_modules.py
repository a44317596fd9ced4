"""The user's own modules: A37, and each version under autoreload."""

import importlib
import os
import sys
import sysconfig
import textwrap
from importlib.util import LazyLoader, find_spec, module_from_spec

import pytest

from nbtracker.notebook.modules import MAX_MODULE_BYTES, ModuleWatch, first_party_modules


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder of modules that can be imported, and are forgotten afterwards."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def watch(project):
    """A watch on the project."""
    return ModuleWatch(lambda: [project])


def write(path, text):
    """Write a module; its time is another one than before, however fast this is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    was = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    if was:
        os.utime(path, ns=(was + 10**9, was + 10**9))
    importlib.invalidate_caches()
    return path


def texts(versions):
    """Name to text of what a watch gave."""
    return {one.name: one.data.decode() for one in versions}


def names(roots):
    """Names of the first-party modules."""
    return {module.name for module in first_party_modules(roots)}


def test_modules_below_the_roots_are_the_users_own(project):
    """Packages too; what is installed is not, and nbtracker is not."""
    write(project / "mine.py", "")
    write(project / "pkg" / "sub.py", "")
    importlib.import_module("mine")
    importlib.import_module("pkg.sub")
    assert names([project]) == {"mine", "pkg.sub"}
    everywhere = names([os.sep])
    assert everywhere >= {"mine", "pkg.sub"}
    assert not {name.partition(".")[0] for name in everywhere} & {"json", "pytest", "nbtracker"}


def test_installed_packages_below_a_root_are_not_the_users_own(project):
    """Somebody's environment may lie in the project."""
    site = project / "env" / "lib" / "site-packages"
    write(site / "installed.py", "")
    sys.path.insert(0, str(site))
    try:
        importlib.import_module("installed")
    finally:
        sys.path.remove(str(site))
    assert names([project]) == set()


@pytest.mark.parametrize("hidden", [".hidden.py", ".secret/mod.py"])
def test_a37_hidden_files_are_never_read(project, watch, hidden):
    """Not even when they are imported."""
    path = write(project / hidden, "TOKEN = 1")
    spec = importlib.util.spec_from_file_location("sly", path)
    sys.modules["sly"] = module_from_spec(spec)
    assert (names([project]), watch.changed()) == (set(), [])


def test_links_out_of_the_root_are_not_followed(project, watch, tmp_path):
    """Neither a file nor a folder that lies elsewhere; a link within is fine."""
    outside = write(tmp_path / "elsewhere" / "out.py", "x = 1")
    write(project / "real.py", "")
    (project / "link.py").symlink_to(outside)
    (project / "folder").symlink_to(outside.parent)
    (project / "inner.py").symlink_to(project / "real.py")
    for name in ("link", "folder.out", "inner"):
        importlib.import_module(name)
    assert texts(watch.changed()) == {"inner": ""}


def test_a_link_that_is_put_in_place_of_a_module_is_not_followed(project, watch, tmp_path):
    """It was a file when it was imported."""
    path = write(project / "mine.py", "x = 1")
    importlib.import_module("mine")
    assert texts(watch.changed()) == {"mine": "x = 1"}
    path.unlink()
    path.symlink_to(write(tmp_path / "secret.py", "TOKEN = 1"))
    assert watch.changed() == []


def test_a_project_may_be_reached_by_a_link(project, tmp_path):
    """The user's own link above it is where the user works."""
    write(project / "mine.py", "")
    (tmp_path / "short").symlink_to(project)
    importlib.import_module("mine")
    assert names([tmp_path / "short"]) == {"mine"}


def test_each_version_is_given_once(project, watch):
    """New, unchanged, changed, touched, and back again."""
    path = write(project / "mine.py", "x = 1")
    importlib.import_module("mine")
    found = [texts(watch.changed())]
    for text in (None, "x = 2", "x = 2", "x = 1"):
        if text is not None:
            write(path, text)
        found.append(texts(watch.changed()))
    assert found == [{"mine": "x = 1"}, {}, {"mine": "x = 2"}, {}, {"mine": "x = 1"}]


def test_without_autoreload_an_edited_file_is_not_yet_the_module(project, watch):
    """It is when it was reloaded, or imported anew."""
    path = write(project / "mine.py", "x = 1")
    module = importlib.import_module("mine")
    assert texts(watch.changed(reloading=False)) == {"mine": "x = 1"}
    write(path, "x = 2")
    assert watch.changed(reloading=False) == []
    importlib.reload(module)
    assert texts(watch.changed(reloading=False)) == {"mine": "x = 2"}
    write(path, "x = 3")
    del sys.modules["mine"]
    importlib.import_module("mine")
    assert texts(watch.changed(reloading=False)) == {"mine": "x = 3"}


def test_both_versions_under_autoreload_are_found(child, tmp_path):
    """Edited twice in one session: each version is given in the cell that used it."""
    code = """
        import os, sys
        from IPython.core.interactiveshell import InteractiveShell
        from nbtracker.notebook.modules import ModuleWatch, autoreloads

        sys.dont_write_bytecode = True
        os.mkdir("work")
        sys.path.insert(0, "work")

        def write(text, at):
            with open("work/helper.py", "w") as file:
                file.write(text)
            os.utime("work/helper.py", (at, at))

        write("def f(): return 1", 1e9)
        shell = InteractiveShell.instance()
        watch = ModuleWatch(lambda: ["work"])
        cells = ["%load_ext autoreload\\n%autoreload 2", "import helper", "y = helper.f()"]
        for n, cell in enumerate([*cells, "y = helper.f()", "y = helper.f()"]):
            if n >= 3:
                write(f"def f(): return {n} * 10", 1e9 + n * 10)
            assert shell.run_cell(cell).success
            kept = watch.changed(reloading=autoreloads())
            found = [(one.name, one.data.decode()) for one in kept]
            print(n, shell.user_ns.get("y"), found)
    """
    said = child(textwrap.dedent(code)).stdout.splitlines()
    assert [line for line in said if line[:1].isdigit()] == [
        "0 None []",
        "1 None [('helper', 'def f(): return 1')]",
        "2 1 []",
        "3 30 [('helper', 'def f(): return 3 * 10')]",
        "4 40 [('helper', 'def f(): return 4 * 10')]",
    ]


def test_autoreload_is_on_while_it_is(child):
    """Outside of IPython, and before and after, it is not."""
    code = """
        from nbtracker.notebook.modules import autoreloads
        found = [autoreloads()]
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        for cell in ("1", "%load_ext autoreload", "%autoreload 2", "%autoreload 0"):
            shell.run_cell(cell)
            found.append(autoreloads())
        print(found)
    """
    assert child(code).stdout.splitlines()[-1] == "[False, False, False, True, False]"


@pytest.mark.parametrize("n_bytes", [MAX_MODULE_BYTES, MAX_MODULE_BYTES + 1])
def test_a_module_has_at_most_a_mebibyte(project, watch, n_bytes):
    """A larger one is data."""
    write(project / "large.py", "#" * n_bytes)
    importlib.import_module("large")
    assert [one.name for one in watch.changed()] == ["large"] * (n_bytes <= MAX_MODULE_BYTES)


def test_a_pipe_in_place_of_a_module_is_not_waited_for(project, watch):
    """Only regular files are read."""
    path = write(project / "mine.py", "")
    importlib.import_module("mine")
    path.unlink()
    os.mkfifo(path)
    assert watch.changed() == []


def test_a_lazy_module_is_not_loaded_by_being_looked_at(project, watch):
    """To ask it for anything would run its code."""
    write(project / "lazy.py", "raise SystemExit('loaded')")
    spec = find_spec("lazy")
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules["lazy"] = module
    spec.loader.exec_module(module)
    assert texts(watch.changed()) == {"lazy": "raise SystemExit('loaded')"}


class Touchy:
    """Not to be asked for anything."""

    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize("make", [lambda: None, lambda: 7, Touchy], ids=["none", "seven", "touchy"])
def test_what_is_no_module_is_passed_over(project, watch, monkeypatch, make):
    """Anything may be put into `sys.modules`."""
    monkeypatch.setitem(sys.modules, "odd", make())
    assert watch.changed() == []


def test_roots_may_change_and_be_gone(project, tmp_path):
    """`%cd` moves; a folder may be removed."""
    write(project / "mine.py", "x = 1")
    importlib.import_module("mine")
    roots = [tmp_path / "gone", ""]
    watch = ModuleWatch(lambda: roots)
    assert watch.changed() == []
    roots[:] = [project]
    assert texts(watch.changed()) == {"mine": "x = 1"}


def test_a24_secrets_are_taken_out_of_modules(project):
    """Before anybody is given the text; a byte that is no text stays."""
    (project / "mine.py").write_bytes(b"# -*- coding: latin-1 -*-\nT = 'hf_x' # \xe9")
    importlib.import_module("mine")
    watch = ModuleWatch(lambda: [project], lambda text: text.replace("hf_x", "***"))
    assert watch.changed()[0].data == b"# -*- coding: latin-1 -*-\nT = '***' # \xe9"


def test_the_standard_library_is_nobodys_own():
    """Whichever folder is taken for the user's."""
    assert names([sysconfig.get_paths()["stdlib"]]) == set()
