"""Tests of the notebook part: kernels, and what is recorded of them."""
