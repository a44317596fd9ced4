"""The truth of a run: append-only files of frames. `docs/journal.md` specifies the bytes."""
