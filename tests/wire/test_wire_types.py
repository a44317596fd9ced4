"""The types of the front end are those of the server."""

from pathlib import Path

from nbtracker.wire import typescript

ROOT = Path(__file__).parents[2]


def test_the_types_of_the_front_end_have_not_drifted() -> None:
    """If this fails: `python -m nbtracker.wire.typescript labextension/src/wire/types.ts`."""
    written = ROOT / "labextension" / "src" / "wire" / "types.ts"
    assert written.read_text(encoding="utf-8") == typescript.generated()


def test_types_are_spelled_as_typescript_has_them() -> None:
    """Lists, records, choices, what may be missing, and what goes on from another."""
    text = typescript.generated()
    for line in (
        "export interface RunDetail extends RunRow {",
        "  created_at: number | null;",
        "  tags: string[];",
        "  config: Record<string, Plain>;",
        "  goal: 'minimize' | 'maximize' | null;",
        "  archived?: boolean;",
        "  state: State;",
        "  type: 'watch';",
        "export type ServerMessage = ChangedMessage | ErrorMessage | PingMessage;",
    ):
        assert line in text
