"""What is printed of runs and cells: values, tables, and no character that commands a terminal."""
