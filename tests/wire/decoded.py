"""The binary form of a series, read back."""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Decoded:
    """A reply: its header, and its arrays by name."""

    header: dict[str, Any]
    floats: np.ndarray

    def array(self, metric: str, word: str) -> np.ndarray:
        """An array of a metric."""
        (said,) = [one for one in self.header["metrics"] if one["name"] == metric]
        return self._at(said["arrays"][word])

    @property
    def x(self) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn against, at the first and the last row of each bin."""
        return tuple(self._at(self.header["arrays"][word]) for word in ("x_first", "x_last"))

    def _at(self, start: int) -> np.ndarray:
        return self.floats[start : start + self.header["n_bins"]]


def decode(reply: bytes) -> Decoded:
    """Read a reply."""
    (length,) = struct.unpack("<I", reply[:4])
    assert (length + 4) % 8 == 0
    header = json.loads(reply[4 : 4 + length], parse_constant=refuse)
    return Decoded(header, np.frombuffer(reply[4 + length :], "<f8"))


def refuse(name: str) -> None:
    """No header holds what JSON has no word for."""
    raise AssertionError(name)
