"""What cells do, told from their source alone: their order, what depends on what, and replays.

From the bottom up: `text` makes Python of a cell and `flow` says what that reads and writes
(`scope`, `walk` and `sharing` find it, `effects` knows libraries). `dataflow` does all of this for
one cell, `tracing` for the cells of a session. What others ask for stands on these two:

    `dataflow.reads_and_writes`   names that a cell reads, writes and changes
    `order.badge`                 whether running the cells again gives the same state
    `slicing.slice_for`           the cells that a metric depends on
    `logged`, `evidence`          what a run logged, and what it was run with
    `verdict.compare`             whether two runs logged the same, and why not
"""
