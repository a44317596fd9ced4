"""The five laws of the architecture, each as properties."""
