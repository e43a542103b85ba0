"""Jars, those of the embedded broker above all: resolved once into the user's cache, checked against their checksums.

Kafka and its log binding are resolved apart: together, the binding's parent would manage kafka-clients down to an
older version.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import BrokerError

KAFKA_VERSION: Final = "4.4.0"

#: Resolving the broker's downloads 43 MiB; a connection that takes longer than this is taken for none.
RESOLVE_TIMEOUT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Jars:
    """Jars that are kept in one folder.

    Attributes:
        name: of the folder, with the version.
        coordinates: of Maven, each resolved apart.
        pins: the file of their checksums; a jar that is resolved and not in it is left out.
    """

    name: str
    coordinates: tuple[str, ...]
    pins: Traversable

    def folder(self) -> Path:
        """Return where they are kept, for this user."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "dcc-analytics" / self.name

    def pinned(self) -> dict[str, str]:
        """Return the checksum (SHA-256, hexadecimal) of each jar by its file name."""
        text = self.pins.read_text(encoding="ascii")
        return {name: checksum for checksum, name in (line.split() for line in text.splitlines() if line)}

    def class_path(self, cache: Path | None = None) -> str:
        """Return their class path, after making sure that every jar is there and is what it should be.

        Args:
            cache: their folder; None for that of this user.

        Raises:
            BrokerError: the jars can't be resolved, or one is not what was pinned.
        """
        folder = cache or self.folder()
        if not all((folder / name).is_file() for name in self.pinned()):
            self.resolve(folder)
        self.check(folder)
        return os.pathsep.join(str(folder / name) for name in sorted(self.pinned()))

    def check(self, folder: Path) -> None:
        """Compare every jar with its checksum.

        Raises:
            BrokerError: one is missing or differs.
        """
        for name, checksum in self.pinned().items():
            jar = folder / name
            found = hashlib.sha256(jar.read_bytes()).hexdigest() if jar.is_file() else "missing"
            if found != checksum:
                raise BrokerError(
                    f"{jar} is not the jar this release was tested with (SHA-256 {found[:16]}, expected "
                    f"{checksum[:16]}); delete the folder {folder} and run the command again to fetch it anew"
                )

    def resolve(self, folder: Path) -> None:
        """Fetch the jars into a folder; it appears whole or not at all.

        Raises:
            BrokerError: no network, no space, or a jar is not on offer.
        """
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        try:
            making.mkdir(parents=True, exist_ok=True)
            wanted = self.pinned()
            for coordinate in self.coordinates:
                for jar in Path(_environment(coordinate, folder)).rglob("*.jar"):
                    if jar.name in wanted:
                        shutil.copyfile(jar, making / jar.name)
            self.check(making)
            shutil.rmtree(folder, ignore_errors=True)
            making.rename(folder)
        except OSError as error:
            raise BrokerError(
                f"the jars of {self.name} can't be kept in {folder} ({error}); free space there or set XDG_CACHE_HOME"
            ) from error
        finally:
            shutil.rmtree(making, ignore_errors=True)


KAFKA: Final = Jars(
    f"kafka-{KAFKA_VERSION}",
    (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"),
    files("dcc_analytics.stream.broker") / "jars.sha256",
)


def _environment(coordinate: str, folder: Path) -> str:
    """Return the folder jgo has resolved a coordinate into."""
    command = [sys.executable, "-m", "jgo", "--resolver", "python", "info", "envdir", coordinate]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RESOLVE_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise BrokerError(
            f"{coordinate} could not be fetched within {RESOLVE_TIMEOUT_S} s; is there a network?"
        ) from late
    where = done.stdout.strip().splitlines()[-1:] or [""]
    if done.returncode != 0 or not Path(where[0]).is_dir():
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["jgo said nothing"]
        raise BrokerError(
            f"{coordinate} could not be fetched ({reason[0].strip()[:200]}); it takes a network once, after that the "
            f"jars are kept in {folder}"
        )
    return where[0]
