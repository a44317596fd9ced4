"""How cells look in what quotes them: tracebacks, differences, terminals, files they wrote."""

import re

ESCAPE = re.compile(r"\x1b\[[0-9;:?]{0,64}[ -/]?[@-~]")
# What a traceback, or a difference, puts before the lines that it quotes.
GUTTER = re.compile(r"(?:-{0,12}>)?[ \t]{0,12}\d{1,9} |[+-]")
FILE_CELL = re.compile(r"\s*%%(?:writefile|file)\s+(?:-a\s+|--append\s+)?(\S+)[^\n]*\n")
WORD = re.compile(r"\w{3,}")
TEXT = re.compile(r"'([^'\n]{6,200})'|\"([^\"\n]{6,200})\"")
