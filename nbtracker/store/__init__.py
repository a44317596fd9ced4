"""Where bytes live: the folders of a store, its locks and its trash. Knows no record."""
