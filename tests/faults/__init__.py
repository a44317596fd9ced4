"""What goes wrong around nbtracker, and what must hold then; numbered."""
