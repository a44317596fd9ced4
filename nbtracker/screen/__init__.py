"""What is drawn of runs from Python: pictures, texts, tables, figures, and a widget."""
