"""The code of a run that a script made: the file that was started, if `save_code` asks for it.

A notebook keeps its cells instead; see `nbtracker.notebook`.
"""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbtracker.journal.records import CodeKept
from nbtracker.store.blobs import digest_of, keep_blob
from nbtracker.store.layout import Store

if TYPE_CHECKING:
    from nbtracker.sdk.run import Run

MOST_BYTES = 1024 * 1024


def keep_script(run: "Run") -> None:
    """Write the code of a run that is about to end.

    Raises:
        OSError: The file cannot be read, or the disk refuses.
    """
    program = run.settings.program
    if not run.settings.save_code or program is None or run.disabled:
        return
    path = Path(program)
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return
    from nbtracker.redaction import Redactor  # only who asks for it pays for the import

    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    data = Redactor(os.environ).redact(text).encode("utf-8", "surrogateescape")
    digest = keep_blob(Store(run._folder.store), data)
    files = {path.name: digest}
    run.keep_code(CodeKept(at=time.time(), digest=digest_of(repr(files).encode()), files=files))
