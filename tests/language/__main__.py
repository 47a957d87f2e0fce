"""Run every case and write docs/language.md. Ends with 1 if any is wrong or a crash."""

import sys

from tests.language.outcomes import CRASH, WRONG
from tests.language.table import DOCUMENT, summary, write

found = write()
faults = [(case, outcome) for case, outcome in found if outcome.status in (WRONG, CRASH)]
for case, outcome in faults:
    print(f"--- {outcome.status}: {case.construct}\n{outcome.reason}\n{case.program}")
print(f"{DOCUMENT}: {summary(found)}")
sys.exit(bool(faults))
