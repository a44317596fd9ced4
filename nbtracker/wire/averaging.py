"""Exponential moving averages, corrected for having begun at nothing."""

import math

import numpy as np

from nbtracker.views.bins import Floats, Integers

NOTHING, LITTLE = 1e-60, 1e-20
"""What is left of a value that is so far back that it is left out: at most, and as a part."""


def averages(values: Floats, ends: Integers, beta: float, n_before: int = 0) -> Floats:
    """Average some values with all before them, which weigh `beta` less for each step back.

    The plain definition is `m = beta * m + (1 - beta) * value`, and `m / (1 - beta**n)` after `n`
    values, beginning with `m = 0`. Here the values up to each end are added up at once.

    Args:
        values: Finite numbers.
        ends: Behind which of them to give the average; rising, each at least 1.
        beta: How much of the average stays with each value; at least 0, less than 1.
        n_before: How many values went before that are too far back to weigh anything.

    Shape:
        (n,), (m,) -> (m,)
    """
    if not beta or not len(ends):
        return values[ends - 1]
    starts = np.concatenate([[0], ends[:-1]])
    sizes = ends - starts
    steps_back = np.repeat(ends, sizes) - 1 - np.arange(ends[-1])
    weights = (1.0 - beta) * beta ** np.arange(int(sizes.max()), dtype=np.float64)
    added = np.add.reduceat(values[: ends[-1]] * weights[steps_back], starts)
    mean, found = 0.0, np.empty(len(ends))
    stays = beta ** sizes.astype(np.float64)
    for i, (stay, more) in enumerate(zip(stays.tolist(), added.tolist(), strict=True)):
        mean = stay * mean + more
        found[i] = mean
    averaged: Floats = found / -np.expm1((n_before + ends) * math.log(beta))
    return averaged


def reach_of(beta: float, largest: float) -> int:
    """Say behind how many values one of size `largest` weighs nothing any more."""
    if not beta:
        return 1
    fall = -math.log(LITTLE)
    if largest:
        fall = max(fall, math.log(largest) - math.log(NOTHING))
    return 1 + math.ceil(fall / -math.log(beta))
