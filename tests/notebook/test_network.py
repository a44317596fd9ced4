"""Whatever is done locally, nobody is called."""

from kernels import kernel

# Python tells of each connection and each name that is looked up, before it happens.
LISTEN = """
import sys
called = []
def note(event, given):
    if event in ("socket.connect", "socket.sendto"):
        where = given[1]
        if not (isinstance(where, str | bytes) or where[0] in ("127.0.0.1", "::1")):
            called.append((event, where))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        called.append((event, given[0]))
sys.addaudithook(note)
"""
RECORD_AND_READ = """
import nbtracker
from nbtracker.api import Api
from nbtracker.cli.main import main
with nbtracker.init(project="p", id="r", config={"lr": 0.1, "url": "https://example.com/x"}) as run:
    run.log({"loss": 1.0, "nested": {"acc": 0.5}})
    run.display()
found = Api().run("p/r")
assert found.history(pandas=False) and found.config["lr"] == 0.1
found.figure()
for line in (["ls"], ["show", "r"], ["cat", "r"], ["doctor"]):
    assert main(line) == 0, line
assert called == [], called
"""


def test_a39_a_script_calls_nobody(child) -> None:
    """It records, reads, draws and asks the command line."""
    child(LISTEN + RECORD_AND_READ)


def test_a39_a_notebook_calls_nobody() -> None:
    """Its magics record, show, compare and replay."""
    with kernel() as one:
        one.run(LISTEN)
        lines = [
            "%load_ext nbtracker",
            "%tracker init --project p --id r lr=0.1",
            "%tracker log loss=1.0",
            "%tracker show",
            "%tracker finish",
            "%tracker runs",
            "%tracker cells",
            "%tracker status",
            "%tracker replay r",
        ]
        for line in lines:
            assert one.run(line).error == "", line
        assert one.run("print(called)").stdout.strip() == "[]"
