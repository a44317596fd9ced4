"""Execute the first notebook in a real kernel, then show the run it recorded.

`make demo` calls this with $NBTRACKER_DIR set. With --save, the notebook is executed on
a throw-away store, as are the others, and the outputs are written into the files instead.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

import nbtracker

NOTEBOOK = Path(__file__).with_name("01_first_run.ipynb")


def execute(path: Path) -> nbformat.NotebookNode:
    """Run every cell of a notebook, in a kernel of the Python that runs this."""
    # No folders to search: a kernel spec of the user's own, also called python3, would
    # start another Python, one that does not have nbtracker.
    specs = KernelSpecManager(kernel_dirs=[])
    kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        km=kernel,
        timeout=600,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    return notebook


def save(path: Path) -> None:
    """Write a notebook's outputs into it, without what differs from machine to machine."""
    with tempfile.TemporaryDirectory() as store:
        os.environ |= {"NBTRACKER_DIR": store, "NBTRACKER_QUIET": "1"}
        notebook = execute(path)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("language_info", None)
    nbformat.write(notebook, path)


def show(run: Any) -> None:
    """Print where a run is, what went in, what came out, and how to look further."""
    print(f"\nRecorded run {run.name!r} ({run.id}) of project {run.project!r}: {run.state}\n")
    print(f"  on disk  {Path(run.dir).parent}")
    for title, values in (("config", run.config), ("summary", run.summary)):
        print(f"\n  {title}")
        for name, value in values.items():
            if not name.startswith("_"):
                print(f"    {name:<16} {value}")
    path = f"{run.project}/{run.id}"
    print(f"""
Look further:
  .venv/bin/nbtracker ls
  .venv/bin/nbtracker show {path}
  .venv/bin/python -c 'import nbtracker; print(nbtracker.Api().run("{path}").history())'
""")


def main() -> None:
    """Do what the command line says."""
    if "--save" in sys.argv:
        for path in sorted(NOTEBOOK.parent.glob("*.ipynb")):
            save(path)
        return
    print(f"Executing {NOTEBOOK.name} in a Jupyter kernel ...")
    execute(NOTEBOOK)
    show(nbtracker.Api().runs("digits", order="-created_at")[0])


if __name__ == "__main__":
    main()
