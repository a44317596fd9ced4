"""Runs a server for as long as whoever started it is there: `python lab_guard.py COMMAND ...`.

Tests that are killed close the pipe at our standard input, and clean up nothing themselves.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Start the command, and end it with its kernels when our standard input ends."""
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_input, args=(process,), daemon=True).start()
    return process.wait()


def _end_with_input(process: "subprocess.Popen[bytes]") -> None:
    os.read(0, 1)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
