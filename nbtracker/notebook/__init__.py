"""The notebook part: magics, hooks and the flight recorder. Only this package knows IPython."""
