"""How long properties are looked for: `fast` between two edits, `dev` in every whole run.

`make test-fast` is `fast`; `HYPOTHESIS_PROFILE=thorough pytest tests/property` takes minutes.
"""

import os

from hypothesis import settings

# No deadline: a busy machine is no bug.
settings.register_profile("fast", max_examples=15, deadline=None)
settings.register_profile("dev", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
