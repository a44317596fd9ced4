"""The catalogue: an SQL index and history columns over all runs of a store; deletable."""
