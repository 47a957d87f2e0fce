"""One core for a whole process, NumPy's threads included."""

from __future__ import annotations

import os
import sys

CHOSEN = "SRCGRAD_ON_ONE_CORE"


def on_one_core() -> None:
    """Start this script again on one core: NumPy counts its threads when it is imported."""
    if os.environ.get(CHOSEN):
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    for name in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ[CHOSEN] = "1"
    os.execv(sys.executable, [sys.executable, *sys.argv])
