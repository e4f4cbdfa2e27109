"""Importing this module loads the model and its compiled kernels: done once, for all workers that are forked afterwards."""

from __future__ import annotations

import gc

from perpetuum.runs.study.batches import Batch, run_batch

run_batch(Batch("ono_2025", {}, {}, worlds=(0,), replicates=(0,), months=2))
# What is here stays: workers need not look through it for garbage, and share its memory.
gc.collect()
gc.freeze()
