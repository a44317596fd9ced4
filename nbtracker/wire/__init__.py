"""What is said to a front end: its types, documents of runs, and binary series. No tornado."""
