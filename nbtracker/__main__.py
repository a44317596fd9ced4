"""`python -m nbtracker` is the command `nbtracker`."""

import sys

from nbtracker.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
