"""The public reader: find, filter, edit and delete runs from anywhere."""

from nbtracker.api.client import Api

__all__ = ["Api"]
