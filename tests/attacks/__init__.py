"""What somebody might try, and what must hold then; numbered."""
