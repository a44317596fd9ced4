"""F10: calls from many threads, tasks, signal handlers and finalizers, and interrupts in them."""

import asyncio
import contextlib
import gc
import itertools
import linecache
import signal
import sys
import threading

import pytest
from samples import rows_of, the_run

import nbtracker
from nbtracker.journal import records, steps, waiting, writer
from nbtracker.sdk import recorder, rows
from nbtracker.sdk import run as sdk_run

TRACED = {module.__file__ for module in (writer, waiting, recorder, rows, sdk_run, steps, records)}


def test_f10_32_threads_lose_nothing_and_share_no_step(store):
    """Each call of each thread is a row of its own."""
    run = nbtracker.init(project="p", id="r")

    def work(who):
        for i in range(100):
            run.log({"who": who, "i": i} if i % 10 else {"who": who, "i": i, "said": "text"})

    threads = [threading.Thread(target=work, args=(who,)) for who in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    rows = rows_of(store.run("p", "r"), "who", "i")
    assert [step for step, *_ in rows] == list(range(3200))
    for who in range(32):
        assert [i for _, one, i in rows if one == who] == list(range(100))


def test_f10_threads_that_define_config_and_summary_at_once(store):
    """Records of all kinds from many threads: each is there."""
    run = nbtracker.init(project="p", id="r")

    def work(who):
        run.config[f"c{who}"] = who
        run.define_metric(f"m{who}", summary="max")
        run.summary[f"s{who}"] = who
        run.log({f"m{who}": who})

    threads = [threading.Thread(target=work, args=(who,)) for who in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.finish()
    view = the_run(store)
    assert view.config == {f"c{who}": who for who in range(16)}
    assert all(view.summary[f"m{who}"] == {"max": who} for who in range(16))
    assert all(view.summary[f"s{who}"] == who for who in range(16))


def test_f10_asyncio_tasks_log_into_one_run(store):
    """Tasks that take turns lose nothing."""
    run = nbtracker.init(project="p", id="r")

    async def work(who):
        for _ in range(20):
            run.log({"who": who})
            await asyncio.sleep(0)

    async def main():
        await asyncio.gather(*(work(who) for who in range(20)))

    asyncio.run(main())
    run.finish()
    assert sorted(who for _, who in rows_of(store.run("p", "r"), "who")) == sorted(
        [*range(20)] * 20
    )


@pytest.mark.parametrize("form", ["numbers", "text", "new names"])
def test_f10_a_signal_handler_logs_in_the_middle_of_log(store, form):
    """At whatever line it comes, both calls are rows, and nothing waits for itself."""
    run = nbtracker.init(project="p", id="r")
    n_handled = itertools.count()

    def handle(*_):
        n = next(n_handled)
        run.log(
            {"h": n} if form == "numbers" else {f"h{n % 50}": n} if "new" in form else {"h": "x"}
        )

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    try:
        for i in range(3000):
            run.log({"i": i} if form != "text" else {"i": i, "said": "text"})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    run.finish()
    rows = rows_of(store.run("p", "r"), "i")
    assert [i for _, i in rows if i is not None] == list(range(3000))
    assert len(rows) == 3000 + next(n_handled)
    assert the_run(store).damages == []


def at_line(nth, act):
    """A tracer that acts once, at the nth line that nbtracker runs."""
    reached, entered = itertools.count(1), set()

    def trace(frame, event, _):
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line" and not is_safe(frame, entered) and next(reached) == nth:
            sys.settrace(None)
            act()
        return trace

    return trace, reached


def is_safe(frame, entered):
    """Whether only a tracer can raise here, and no signal: at a `try`, and where a `with` ends."""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
    if not line.startswith("with "):
        return line == "try:"
    where = (frame, frame.f_lineno)
    known = where in entered
    entered ^= {where}
    return known


FORMS = {
    "numbers": {"i": 1, "x": 0.5},
    "text": {"i": 1, "said": "text"},
    "nested": {"i": 1, "a": {"b": 2}},
}


def at_each_line(run, data, act):
    """Log with an act at the first line, the second, ... until there is none; yield each outcome."""
    old = sys.gettrace()
    for nth in itertools.count(1):
        trace, reached = at_line(nth, act)
        sys.settrace(trace)
        interrupted = False
        try:
            run.log(data)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            sys.settrace(old)
        yield interrupted
        if next(reached) <= nth:
            return


def interrupt():
    """What Ctrl-C does."""
    raise KeyboardInterrupt


@pytest.mark.parametrize("form", FORMS)
def test_f10_an_interrupt_at_any_line_of_log_harms_no_row(store, form):
    """Afterwards the journal is clean, what was acknowledged is there, and logging goes on."""
    run = nbtracker.init(project="p", id="r")
    run.log(FORMS[form])
    n_acknowledged, n_calls = 1, 1
    for interrupted in at_each_line(run, FORMS[form], interrupt):
        n_calls += 1
        n_acknowledged += not interrupted
        run.log(FORMS[form] | {"sure": n_acknowledged})
        n_acknowledged += 1
        n_calls += 1
    run.finish()
    view = the_run(store)
    rows = rows_of(store.run("p", "r"), "i", "sure")
    assert view.damages == []
    assert n_acknowledged <= len(rows) <= n_calls
    assert len([sure for *_, sure in rows if sure is not None]) == (n_calls - 1) // 2
    assert n_calls > 20


@pytest.mark.parametrize("form", FORMS)
def test_f10_an_interrupt_at_any_moment_harms_no_row(store, form):
    """Real signals that raise while rows are logged: the journal is clean, and logging goes on."""
    # An interrupt within a callback of the collector is reported, not raised.
    gc.disable()
    run = nbtracker.init(project="p", id="r")
    before = signal.signal(signal.SIGALRM, lambda *_: interrupt())
    acknowledged = []
    for i in range(1500):
        with contextlib.suppress(KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, 1e-6 + i % 60 * 1e-6)
            run.log(FORMS[form] | {"n": i})
            acknowledged.append(i)
            signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    gc.enable()
    run.finish()
    found = [n for _, n in rows_of(store.run("p", "r"), "n")]
    assert the_run(store).damages == []
    assert found == sorted(set(found))
    assert set(acknowledged) <= set(found)


@pytest.mark.parametrize("form", FORMS)
def test_f10_a_call_at_any_line_of_log_is_a_row(store, form):
    """What a finalizer or a signal handler logs at each line is there, as is what it came upon."""
    run = nbtracker.init(project="p", id="r")
    nested = itertools.count()
    n = sum(1 for _ in at_each_line(run, FORMS[form], lambda: run.log({f"h{next(nested)}": 1})))
    run.finish()
    view = the_run(store)
    assert (view.damages, view.n_rows) == ([], n + next(nested))


def test_f10_finish_at_any_line_of_log_ends_the_run(store):
    """A signal handler that ends the run: what was logged before is there, and it is ended."""
    for nth in itertools.count(1):
        run = nbtracker.init(project="p", id=f"r{nth}")
        run.log({"i": 0})
        trace, reached = at_line(nth, run.finish)
        sys.settrace(trace)
        try:
            run.log({"i": 1})
        except nbtracker.errors.RunFinishedError:
            pass
        finally:
            sys.settrace(None)
        run.finish()
        for thread in threading.enumerate():
            if thread.name == "nbtracker-close":
                thread.join()
        folder = store.run("p", f"r{nth}")
        assert rows_of(folder, "i")[0] == (0, 0)
        if next(reached) <= nth:
            break
    from nbtracker.views.run import read_run

    views = [read_run(folder) for folder in store.runs()]
    assert {(view.exit_code, len(view.damages)) for view in views} == {(0, 0)}


def test_f10_a_finalizer_logs(store):
    """`__del__` that logs while the garbage is collected in the middle of calls."""
    run = nbtracker.init(project="p", id="r")

    class Logging:
        def __del__(self):
            run.log({"gone": 1})

    for i in range(200):
        cycle = [Logging()]
        cycle.append(cycle)
        del cycle
        run.log({"i": i})
    gc.collect()
    run.finish()
    rows = rows_of(store.run("p", "r"), "i", "gone")
    assert (len(rows), sum(gone == 1 for *_, gone in rows)) == (400, 200)
