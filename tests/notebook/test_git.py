"""What git says of the code: A24 A37 F35, and strangers' repositories."""

import contextlib
import os
import subprocess
import time

import psutil
import pytest

from nbtracker.notebook.git import git_root, git_state

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB"


def git(folder, *words):
    """Run git as somebody."""
    names = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = subprocess.run(
        ["git", *names, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repo(store, tmp_path):
    """A repository with one commit, and a home without settings."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "train.py").write_text("lr = 1\n")
    (folder / ".env").write_text("A=1\n")
    (folder / "a.ipynb").write_text("{}\n")
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def path_with(tmp_path, monkeypatch):
    """Puts a program called git before the real one."""

    def put(text):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "git").write_text(f"#!/bin/sh\n{text}\n")
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    return put


def test_a_clean_repository_has_a_commit_and_an_empty_patch(repo):
    """Asked from any folder in it."""
    (repo / "sub").mkdir()
    state = git_state(repo / "sub")
    assert (state.root, state.commit, state.branch) == (
        str(repo),
        git(repo, "rev-parse", "HEAD"),
        "main",
    )
    assert (state.dirty, state.patch, state.remote, state.problem) == (False, b"", "", "")


def test_the_patch_makes_the_code_of_the_commit(repo, tmp_path):
    """Staged or not, in any folder, and a new file that was added."""
    (repo / "train.py").write_text("lr = 2\n")
    (repo / "new.py").write_text("x = 1\n")
    git(repo, "add", "new.py")
    state = git_state(repo)
    git(repo, "clone", "-q", str(repo), str(tmp_path / "clone"))
    (tmp_path / "patch").write_bytes(state.patch)
    git(tmp_path / "clone", "apply", str(tmp_path / "patch"))
    assert state.dirty
    assert (tmp_path / "clone" / "train.py").read_text() == "lr = 2\n"
    assert (tmp_path / "clone" / "new.py").read_text() == "x = 1\n"


@pytest.mark.parametrize("name", [".env", ".secret/key.py", "pkg/.env", "a.ipynb"])
def test_a37_hidden_files_and_notebooks_are_not_in_the_patch(repo, name):
    """The repository is dirty nevertheless."""
    (repo / name).parent.mkdir(parents=True, exist_ok=True)
    (repo / name).write_text("TOKEN=1\n")
    git(repo, "add", "-f", name)
    state = git_state(repo)
    assert (state.dirty, state.patch) == (True, b"")


def test_bytes_that_are_no_text_are_not_in_the_patch(repo):
    """They are named."""
    (repo / "w.bin").write_bytes(bytes(range(256)) * 9)
    git(repo, "add", "w.bin")
    patch = git_state(repo).patch
    assert b"w.bin differ" in patch
    assert len(patch) < 300


def test_a_patch_that_is_too_large_is_left_out(repo):
    """And the reason is given."""
    (repo / "train.py").write_text("x = 1\n" * 1000)
    state = git_state(repo, max_patch_bytes=1000)
    assert (state.dirty, state.patch, state.problem) == (
        True,
        None,
        "it is larger than 1,000 bytes",
    )
    assert state.commit


def test_a_repository_without_a_commit_has_its_branch(tmp_path, store):
    """What was added is the patch."""
    git(tmp_path, "init", "-q", "-b", "main", "new")
    (tmp_path / "new" / "a.py").write_text("x = 1\n")
    git(tmp_path / "new", "add", "a.py")
    state = git_state(tmp_path / "new")
    assert (state.commit, state.branch, state.dirty) == ("", "main", True)
    assert b"+x = 1" in state.patch


def test_a_commit_that_is_no_branch_has_no_branch(repo):
    """As CI checks out."""
    git(repo, "checkout", "-q", "--detach")
    state = git_state(repo)
    assert (len(state.commit), state.branch) == (40, "")


def test_another_worktree_is_a_repository_of_its_own(repo, tmp_path):
    """Its `.git` is a file."""
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "side")
    (tmp_path / "tree" / "train.py").write_text("lr = 3\n")
    state = git_state(tmp_path / "tree")
    assert (state.branch, b"+lr = 3" in state.patch) == ("side", True)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"https://ada:{TOKEN}@github.com/a/b.git", "https://github.com/a/b.git"),
        (f"https://{TOKEN}@github.com/a/b.git", "https://github.com/a/b.git"),
        (f"https://a@b:{TOKEN}@h/x?access_token={TOKEN}#f", "https://h/x"),
        (f"ssh://git:{TOKEN}@host:22/a/b", "ssh://git@host:22/a/b"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("git@host:/srv/b.git", "git@host:/srv/b.git"),
        ("/srv/git/b.git", "/srv/git/b.git"),
        (f"ext::sh -c 'curl -H {TOKEN} @x'", ""),
        (f"ada:{TOKEN}@host:a/b", ""),
    ],
)
def test_a24_the_remote_has_no_credentials(repo, url, kept):
    """However they are written into the address."""
    git(repo, "config", "remote.origin.url", url)
    state = git_state(repo)
    assert state.remote == kept
    assert TOKEN not in repr(state)


def test_a24_secrets_are_taken_out_of_the_patch(repo):
    """Before anybody is given it."""
    (repo / "train.py").write_text(f"key = '{TOKEN}'\n")
    state = git_state(repo, redact=lambda text: text.replace(TOKEN, "***"))
    assert b"+key = '***'" in state.patch


HOSTILE = {
    "fsmonitor": [("core.fsmonitor", "{run}")],
    "external diff": [("diff.external", "{run}")],
    "driver": [("diff.evil.command", "{run}")],
    "textconv": [("diff.evil.textconv", "{run}")],
    "clean filter": [("filter.evil.clean", "{run}"), ("filter.evil.required", "true")],
    "process filter": [("filter.evil.process", "{run}"), ("filter.evil.required", "true")],
    "odd filter": [("filter.e=v.i.clean", "{run}")],
    "pager": [("core.pager", "{run}"), ("pager.diff", "{run}")],
    "hooks": [("core.hooksPath", "{hooks}")],
    "lazy fetch": [
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "ext::{run}"),
        ("protocol.ext.allow", "always"),
    ],
}


@pytest.mark.parametrize("attack", HOSTILE)
def test_a_strangers_repository_runs_nothing(repo, tmp_path, attack):
    """Whatever its configuration and its attributes name."""
    ran, run = tmp_path / "ran", tmp_path / "run"
    run.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    run.chmod(0o755)
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "post-index-change").symlink_to(run)
    driver = "e=v.i" if attack == "odd filter" else "evil"
    (repo / ".gitattributes").write_text(f"*.py diff={driver} filter={driver}\n")
    (repo / "train.py").write_text("lr = 2\n")
    for name, value in HOSTILE[attack]:
        git(repo, "config", name, value.format(run=run, hooks=tmp_path / "hooks"))
    if attack == "lazy fetch":
        blob = git(repo, "rev-parse", "HEAD:train.py")
        (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        ran.unlink(missing_ok=True)
    state = git_state(repo)
    assert (ran.exists(), state.dirty) == (False, True)
    if attack not in {"lazy fetch", "odd filter"}:
        assert b"+lr = 2" in state.patch


def test_the_attacks_would_work_were_they_let(repo, tmp_path):
    """The test above would see a program that runs."""
    ran = tmp_path / "ran"
    (repo / ".gitattributes").write_text("*.py filter=evil\n")
    git(repo, "config", "filter.evil.clean", f"touch {ran}; cat")
    (repo / "train.py").write_text("lr = 2\n")
    git(repo, "diff")
    assert ran.exists()


def test_files_outside_of_the_repository_are_not_in_the_patch(repo, tmp_path):
    """A stranger's `core.worktree` may name the user's home."""
    (tmp_path / "train.py").write_text("SECRET = 1\n")
    git(repo, "config", "core.worktree", str(tmp_path))
    state = git_state(repo)
    assert (state.root, state.patch) == (str(repo), b"")


def test_variables_of_git_do_not_lead_elsewhere(repo, tmp_path, monkeypatch):
    """A kernel that was started by a hook has them."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "/bin/false")
    assert git_state(repo).branch == "main"


def test_f35_no_git_is_no_state(repo, tmp_path, monkeypatch):
    """Nor is a git that lies in the working directory of the moment."""
    (repo / "git").write_text("#!/bin/sh\necho evil\n")
    (repo / "git").chmod(0o755)
    monkeypatch.chdir(repo)
    for path in (str(tmp_path), ".", ""):
        monkeypatch.setenv("PATH", path)
        assert git_state(repo) is None


def alive(group):
    """The processes of a group; those that are dead and wait for nobody do not count."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


@pytest.mark.parametrize(
    "text", ["sleep 30", "sleep 30 & wait", "yes", "exit 1", "kill -9 $$", "echo x"]
)
def test_f35_a_git_that_is_broken_is_no_state(repo, path_with, text):
    """Stuck, endless, failing or telling nonsense: an answer comes, and nothing is left."""
    path_with(f"echo $$ > {repo}/../pid; {text}")
    assert git_state(repo, timeout=0.5) is None
    group, until = int((repo / ".." / "pid").read_text()), time.monotonic() + 20
    # A killed process may need a moment to be gone; one that was not killed has thirty seconds.
    while alive(group) and time.monotonic() < until:
        time.sleep(0.01)
    assert alive(group) == []


def test_f35_a_diff_that_takes_too_long_costs_the_patch_alone(repo, path_with):
    """Commit and branch are there; whether it is dirty is not known, so it is taken to be."""
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout
    path_with(f'case "$*" in *" diff "*) sleep 30;; *) exec {real.strip()} "$@";; esac')
    state = git_state(repo, timeout=3)
    assert (state.branch, state.dirty, state.patch) == ("main", True, None)
    assert state.problem == "git took too long"


def test_a_folder_in_no_repository_has_no_state(tmp_path, store):
    """Nor has one that is not there, nor a repository that is none."""
    (tmp_path / "odd" / ".git").mkdir(parents=True)
    assert [git_state(tmp_path / name) for name in ("", "gone", "odd")] == [None, None, None]
    assert git_root(tmp_path / "odd") == str(tmp_path / "odd")


def test_a_repository_within_a_strangers_one_is_not_mixed_up(repo):
    """A bare repository may lie in a folder like any files."""
    git(repo, "init", "-q", "--bare", "inner")
    git(repo / "inner", "config", "core.worktree", "/")
    assert git_state(repo / "inner").root == str(repo)


def test_a_name_that_is_no_text_is_in_the_patch(repo):
    """Git spells it in its own way."""
    name = os.fsencode(repo) + b"/\xff.py"
    with open(name, "w") as file:
        file.write("x\n")
    git(repo, "add", "-A")
    assert b"\\377.py" in git_state(repo, redact=str).patch
