"""How much the properties try: little and always the same by default, much and always something else at night.

``DCCA_PROPERTIES=night`` tries for as long as it takes; what it finds is printed as a ``@reproduce_failure`` line.
"""

import os
from typing import Final

from hypothesis import HealthCheck, settings

_SLOW_IS_WELL: Final = [HealthCheck.too_slow, HealthCheck.data_too_large]

PROFILES: Final = {
    "ci": settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=_SLOW_IS_WELL),
    "night": settings(max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=_SLOW_IS_WELL),
}

#: The settings of this run.
PROFILE: Final = PROFILES[os.environ.get("DCCA_PROPERTIES", "ci")]
