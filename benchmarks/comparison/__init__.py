"""srcgrad beside programs, adjoints by hand and other tools: see `benchmarks/run.py`."""
