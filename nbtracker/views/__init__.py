"""Folds over journals: what a run is, its history, its summary. All of it can be deleted."""
