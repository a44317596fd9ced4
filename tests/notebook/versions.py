"""Run the tests of kernels with the oldest IPython and ipykernel, and with the newest.

Each gets a virtual environment of its own within the one that runs this.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

KERNELS = {
    # IPython 8.0.0 asks for a package that is no more; jupyter_client 8 is younger than both.
    "oldest": ["ipython==8.0.1", "ipykernel==6.9.2", "jupyter_client<8", "psutil"],
    "newest": ["--upgrade", "ipython", "ipykernel", "psutil"],
}
TESTS = ["test_cells.py", "test_recording.py", "test_magics_kernel.py", "test_wish_states.py"]
TESTS += ["test_wish_streams.py", "test_wish_attempts.py"]
# What the tests' cells import.
ALSO = ["rich", "tqdm"]
HERE = Path(__file__).parent


def python_of(name: str, packages: list[str]) -> Path:
    """Make the environment if it is not there yet; give its Python."""
    folder = Path(sys.prefix) / "kernels" / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        print(f"Making {folder} ...", flush=True)
        venv.create(folder, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages, *ALSO], check=True)
    subprocess.run([*pip, "--editable", str(HERE.parents[1])], check=True)
    return python


def main() -> int:
    """Test with each; give 0 if all went well."""
    worst = 0
    for name, packages in KERNELS.items():
        python = python_of(name, packages)
        said = "import IPython, ipykernel; print(IPython.__version__, ipykernel.__version__)"
        with tempfile.TemporaryDirectory() as elsewhere:
            found = subprocess.run(
                [python, "-c", said], cwd=elsewhere, check=True, capture_output=True, text=True
            )
        print(f"{name}: IPython and ipykernel {found.stdout.strip()}", flush=True)
        env = os.environ | {"NBTRACKER_TEST_KERNEL_PYTHON": str(python)}
        tests = [str(HERE / test) for test in TESTS]
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], env=env, check=False)
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
