"""`python -m srcgrad` is the `srcgrad` command."""

from __future__ import annotations

import sys

from srcgrad.cli import main

if __name__ == "__main__":
    sys.exit(main())
