"""What records: `init`, `Run`, `Config`, `Summary`. Every call checks, builds a record, appends."""
