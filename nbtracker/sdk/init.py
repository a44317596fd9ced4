"""`init`: begin a run, or go on with one."""

import os
import sys
import time
import warnings
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbtracker._version import __version__
from nbtracker.errors import TrackingWarning, UsageError, warn
from nbtracker.ids import new_id, random_name
from nbtracker.journal.records import RunStarted
from nbtracker.sdk import provenance
from nbtracker.sdk.config_sources import ConfigValues, gather_config
from nbtracker.sdk.current import ACTIVE
from nbtracker.sdk.guard import Guard
from nbtracker.sdk.provenance import redacted
from nbtracker.sdk.recorder import DiskRecorder, NoRecorder
from nbtracker.sdk.replaying import REPETITION, replayed_run
from nbtracker.sdk.resume import check_alone, check_resume, choose_folder, remember
from nbtracker.sdk.run import Run
from nbtracker.settings import Settings, resolve
from nbtracker.settings.checks import nearest
from nbtracker.settings.notebook import in_notebook
from nbtracker.store.layout import RunFolder, open_store
from nbtracker.store.locks import boot_id, host, process_started_at
from nbtracker.views.run import RunView

# Arguments that are understood and cannot act yet, and what to say of each.
_NOT_YET = {
    "tensorboard": "reading TensorBoard's files comes with a later release",
    "sync_tensorboard": "reading TensorBoard's files comes with a later release",
    "monitor_gym": "recording videos of environments comes with a later release",
    "magic": "there is nothing it could do",
}


def init(
    job_type: str | None = None,
    dir: str | os.PathLike[str] | None = None,
    config: Any = None,
    project: str | None = None,
    entity: str | None = None,
    reinit: bool | str | None = None,
    tags: Any = None,
    group: str | None = None,
    name: str | None = None,
    notes: str | None = None,
    magic: Any = None,
    config_exclude_keys: Any = None,
    config_include_keys: Any = None,
    anonymous: str | None = None,
    mode: str | None = None,
    allow_val_change: bool | None = None,
    resume: bool | str | None = None,
    force: bool | None = None,
    tensorboard: bool | None = None,
    sync_tensorboard: bool | None = None,
    monitor_gym: bool | None = None,
    save_code: bool | None = None,
    id: str | None = None,
    settings: Settings | dict[str, Any] | None = None,
    **unknown: Any,
) -> Run:
    """Begin a run, and make it the current one.

    Args:
        job_type: The part the run plays in its group, such as "train" or "eval".
        dir: The folder of the store. Default: see `nbtracker.store.layout.open_store`.
        config: What goes into the run: a dict, a Namespace, absl flags, a dataclass, or the
            path of a YAML file.
        project: The project it belongs to. Default: "uncategorized".
        entity: Who owns it; free text.
        reinit: What to do when a run is open: "finish_previous" (the default in a notebook),
            "return_previous" (the default elsewhere), "create_new"; True and False stand for
            the first two.
        tags: Words to find it by.
        group: What other runs it belongs together with.
        name: The display name. Default: a readable random one.
        notes: Text about it, in markdown.
        magic: Accepted; has no effect.
        config_exclude_keys: Keep these keys out of the config.
        config_include_keys: Keep only these keys of `config`.
        anonymous: Accepted; there is no account.
        mode: "offline" (the default); "disabled": every call works, nothing is recorded;
            "online" and "shared" behave as "offline" until sync ships.
        allow_val_change: Whether config values may be changed. Default: in a notebook.
        resume: What to do when `id` exists: "allow" goes on with it or begins it; "must" goes
            on with it or raises; "never" raises; None begins anew, and moves the old run to
            the trash. "auto" or True goes on with the last run of this notebook or script
            here, if it did not finish.
        force: Accepted; there is no account.
        tensorboard: Older name of `sync_tensorboard`.
        sync_tensorboard: Comes with a later release.
        monitor_gym: Comes with a later release.
        save_code: Keep the code: in a notebook the cells as they were executed (the default
            there), in a script its file.
        id: The run's id: 1 to 128 letters, digits, `_ - . ~`. Default: a new random one.
        settings: Any of the above, and the rest of `nbtracker.Settings`.
        **unknown: Nothing; an argument that does not exist is refused by name.

    Raises:
        UsageError: An argument is wrong, or `resume` does not fit what exists.
        ConfigError: A config file is missing or malformed.
        JournalBusyError: Another process is writing the run.
        TypeError: There is no argument of that name.
    """
    arguments = {key: value for key, value in locals().items() if key in _ARGUMENTS}
    if unknown:
        raise _unknown_argument(next(iter(unknown)))
    resolved = resolve({k: v for k, v in arguments.items() if v is not None}, settings)
    # Where the code of a run is executed again, it must not write into that run.
    resolved = REPETITION.settings(resolved)
    if resolved.silent:
        warnings.simplefilter("ignore", TrackingWarning)
    ACTIVE.forget_forked()
    gathered = gather_config(
        config,
        staged=ACTIVE.staged.as_dict(),
        include=resolved.config_include_keys,
        exclude=resolved.config_exclude_keys,
    )
    provenance.prepare()
    previous = ACTIVE.current
    how = _reinit(resolved)
    if previous is not None and how == "return_previous":
        return _returned(previous, resolved)
    if how == "finish_previous":
        check_resume(resolved)
        for run in list(ACTIVE.runs):
            run.finish()
    _say_what_cannot_act(resolved)
    run = _open(resolved)
    _configure(run, gathered)
    ACTIVE.staged.forget()
    ACTIVE.add(run, as_current=how != "create_new")
    _announce(run)
    return run


def _configure(run: Run, gathered: ConfigValues) -> None:
    """Give a run its config; in one that goes on, what is recorded wins over the defaults file."""
    view = run._recorder.view
    try:
        run.config.adopt(view.config, view.config_descriptions)
        old = gathered.defaults & view.config.keys()
        values = {key: value for key, value in gathered.values.items() if key not in old}
        run.config.begin_with(values, gathered.descriptions)
    except BaseException:
        run.finish(1)
        raise


def _returned(previous: Run, asked: Settings) -> Run:
    """The run that is open, unless another one is to be gone on with."""
    if asked.resume in ("must", "allow") and asked.id not in (None, previous.id):
        raise UsageError(
            f"run {asked.id} cannot be gone on with while run {previous.id} is open: finish that "
            'first with nbtracker.finish(), or call init(reinit="finish_previous")'
        )
    warn(
        f"run {previous.id} is still open, so init() returned it and ignored its arguments. "
        'Finish it first, or call init(reinit="finish_previous").'
    )
    return previous


def _announce(run: Run) -> None:
    """Say which run begins, and where; on stderr, as others may read what is printed."""
    if run.disabled or run.settings.quiet or run.settings.silent:
        return
    how = "goes on" if run.resumed else "begins"
    with suppress(OSError, ValueError, AttributeError):  # no folder, no stream, or a closed one
        said = f"nbtracker: run {run.name} ({run.path}) {how} in {_short(run._folder.path)}"
        shown = said if said.isprintable() else ascii(said)
        (sys.stdout if in_notebook() else sys.stderr).write(f"{shown}\n")


def _short(path: Path) -> str:
    """A path as its user would write it."""
    for base, sign in ((os.path.realpath(""), Path()), (os.environ.get("HOME"), Path("~"))):
        if base and path.is_relative_to(base):
            return str(sign / path.relative_to(base))
    return str(path)


def _open(settings: Settings) -> Run:
    """Make the run's folder and journal; fall back to recording nothing if that fails."""
    guard = Guard()
    settings = replace(settings, program=settings.program or _program())
    if settings.mode == "disabled":
        return _disabled(settings, guard)
    with ExitStack() as claim:
        recorder = None
        try:
            store = open_store(settings.dir)
            folder, resumed = claim.enter_context(choose_folder(store, settings))
            settings = replace(settings, id=folder.id)
            recorder = DiskRecorder(
                folder, guard, fsync_s=settings.fsync_s, heartbeat_s=settings.heartbeat_s
            )
            recorder.view.refresh()
            check_alone(recorder, resumed=resumed)
        except (OSError, RuntimeError) as error:  # RuntimeError: no thread can be started
            if recorder is not None:
                recorder.close()
            warn(
                f"nothing can be recorded ({error}); training goes on without. "
                "Name a folder that can be written: init(dir=...) or $NBTRACKER_DIR."
            )
            return _disabled(settings, guard)
        if resumed:
            settings = _labelled(settings, recorder.view)
        settings = replace(settings, name=settings.name or random_name())
        run = Run(
            settings,
            folder,
            recorder,
            guard=guard,
            resumed=resumed,
            before_end=ACTIVE.tell_ending,
            on_end=ACTIVE.remove,
        )
        with guard("record the start of the run"):
            recorder.append(_started(run))
            REPETITION.begun(run.project, run.id)
            if replayed_run() is None:
                remember(store, run)
        return run


def _labelled(settings: Settings, view: RunView) -> Settings:
    """Keep the labels of a run that goes on, unless others are given."""
    return replace(
        settings,
        name=settings.name or view.name,
        notes=settings.notes or view.notes,
        tags=settings.tags or view.tags,
        group=settings.group or view.group,
        job_type=settings.job_type or view.job_type,
    )


def _disabled(settings: Settings, guard: Guard) -> Run:
    folder = RunFolder(Path(os.devnull) / settings.project / (settings.id or new_id()))
    settings = replace(
        settings, mode="disabled", id=folder.id, name=settings.name or f"dummy-{folder.id}"
    )
    run = Run(settings, folder, NoRecorder(folder), guard=guard, on_end=ACTIVE.remove)
    run._recorder.append(_started(run))
    return run


def _started(run: Run) -> RunStarted:
    settings, kernel = run.settings, provenance.kernel()
    shown = ("resume", "reinit", "allow_val_change", "save_code", "notebook_name")
    return RunStarted(
        at=time.time() if run.resumed else run.start_time,
        execution=provenance.execution(),
        id=run.id,
        project=run.project,
        name=redacted(run.name),
        notes=redacted(settings.notes),
        tags=tuple(map(redacted, settings.tags)),
        group=redacted(settings.group),
        job_type=redacted(settings.job_type),
        entity=settings.entity,
        mode=settings.mode,
        resumed=run.resumed,
        starting_step=run.starting_step,
        host=host(),
        boot_id=boot_id(),
        pid=os.getpid(),
        process_started_at=process_started_at(os.getpid()),
        python=sys.version.split()[0],
        version=__version__,
        program=settings.program,
        settings={key: redacted(getattr(settings, key)) for key in shown},
        heartbeat_s=settings.heartbeat_s,
        session=None if kernel is None else kernel.id,
        family=None if kernel is None else kernel.family(),
        **REPETITION.marks(),
    )


def _program() -> str | None:
    """The script that runs, or nothing where there is none, as in a notebook."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return None if path is None or in_notebook() else str(Path(path).absolute())


def _reinit(settings: Settings) -> str:
    if settings.reinit != "default":
        return settings.reinit
    return "finish_previous" if in_notebook() else "return_previous"


def _say_what_cannot_act(settings: Settings) -> None:
    told = [f"{name}: {said}" for name, said in _NOT_YET.items() if getattr(settings, name)]
    if settings.mode in ("online", "shared"):
        told.append(f"mode={settings.mode!r}: nothing is sent yet; the run is recorded here")
    if told:
        warn("init() was given what cannot act yet. " + "; ".join(told))


def _unknown_argument(name: str) -> TypeError:
    if name in ("resume_from", "fork_from"):
        return TypeError(
            f"init({name}=) comes with a later release; to go on with a run where it ended, "
            'use init(id=..., resume="must")'
        )
    near = nearest(name, sorted(_ARGUMENTS | {"config", "settings"}))
    hint = f"did you mean {near}?" if near else "see help(nbtracker.init)"
    return TypeError(f"init() has no argument {name!r}; {hint}")


_ARGUMENTS = frozenset(init.__annotations__) - {"config", "settings", "unknown", "return"}
