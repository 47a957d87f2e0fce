"""Print for each list and area how many names have a rule, and which lack one.

With `--write`, write docs/functions.md.
"""

import sys
import textwrap

from tests.rulecount.count import LISTS, areas, names_of
from tests.rulecount.document import DOCUMENT, text

if "--write" in sys.argv[1:]:
    DOCUMENT.write_text(text(), encoding="utf-8")
for title in LISTS:
    names = names_of(title)
    found = list(areas(names))
    lacking = sum(len(missing) for _, _, missing in found)
    print(f"{title}: {len(names) - lacking} of {len(names)} have a rule")
    for area, own, missing in found:
        print(f"  {area}: {len(own) - len(missing)} of {len(own)}")
        if missing:
            short = " ".join(name.removeprefix(f"{area}.") for name in missing)
            print(textwrap.indent(textwrap.fill(short, 90), "    - "))
