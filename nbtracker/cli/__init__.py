"""The command `nbtracker`: look at runs, take them out, put them away, check them."""
