"""What was deleted from an estate lies in RocksDB's files until they are written anew; this has them be, and says so.

The estate holds, as ``DELETED_KEY``, since when something that was deleted may lie in its files: whoever looks into
them can't find out by their bytes, since keys are shortened and blocks are packed there.
"""

import logging
import threading
from typing import Final

from rocksdict import Rdict, WriteBatch

from dcc_analytics.catalogue.errors import one_line
from dcc_analytics.stream.estate_files import DELETED_KEY, UNKNOWN_SINCE_US, compact

log = logging.getLogger("dcca.worker")

_NAME: Final = "dcca-purge"


class Compaction:
    """Has the files of an estate written anew without what was deleted, beside all other work.

    Invariants, under the lock: ``_deletions`` are the batches with deletions that were written; ``_since_us`` is the
    horizon of the first of them that no compaction is known to have passed, None without one.
    """

    def __init__(self, db: Rdict, name: str, since_us: int | None) -> None:
        """Begin.

        Args:
            db: of the estate.
            name: of the estate, for the log.
            since_us: as the estate has it.
        """
        self._db = db
        self._name = name
        self._since_us = since_us
        self._deletions = 0
        self._wanted = False
        self._lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def want(self) -> None:
        """Have files written anew after the next write, if anything was deleted."""
        self._wanted = True

    def write(self, batch: WriteBatch, horizon_us: int, *, deletes: bool) -> None:
        """Write a batch, with the note of what it deletes; then begin what is wanted, unless it is going on."""
        with self._lock:
            self._deletions += deletes
            unknown = self._since_us is not None and self._since_us <= UNKNOWN_SINCE_US
            if unknown or (deletes and self._since_us is None):
                self._since_us = horizon_us
            if unknown or deletes:
                batch.put(DELETED_KEY, str(self._since_us).encode())
            self._db.write(batch)
        if self._wanted and (self.thread is None or not self.thread.is_alive()):
            self._wanted = False
            if self._since_us is not None:
                self.thread = threading.Thread(target=self._run, name=_NAME)
                self.thread.start()

    def _run(self) -> None:
        """Have every file written anew, and drop the note unless more was deleted meanwhile.

        Half a million Devices take half a second. If it fails or is killed it is done when the next month is closed;
        so it is for what is deleted meanwhile.
        """
        with self._lock:
            before, since_us, self._since_us = self._deletions, self._since_us, None
        try:
            compact(self._db)
            with self._lock:
                if self._deletions == before:
                    self._db.delete(DELETED_KEY)
        except Exception as broken:  # noqa: BLE001 (RocksDB's are of no common kind, and the next write has the same)
            with self._lock:
                self._since_us = since_us
            log.warning("estate_not_compacted folder=%s error=%s", self._name, one_line(str(broken)))

    def join(self) -> None:
        """Wait for what is going on."""
        if self.thread is not None:
            self.thread.join()
