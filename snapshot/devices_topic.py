"""The ``devices`` topic, read once: versions as columns in memory, whole records in sorted runs on disk.

A nation's records are some fifty gigabytes of text. What a run holds is a table sorted by Device, so that the Devices
of a range are a few row groups of each run, and no step needs more than a slice of them at a time.
"""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import polars as pl
from msgspec.structs import astuple
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.versions import Versions, id_of, place_of
from dcc_analytics.stream.decode import decode_whole_device, decoded
from dcc_analytics.stream.events import NOT_REGISTERED, Rejected
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.identity import is_eui64
from dcc_analytics.stream.wire import WireDevice

FIELDS: Final = tuple(field.name for field in DEVICE_FIELDS)
#: Ids are held in upper case, however the record has them (contract section 1).
ID_FIELDS: Final = (
    "device", "chf", "associated_meter_or_gpf", "associated_gpf_device_id", "import_supplier_id",
    "export_supplier_id", "gas_supplier_id", "network_operator_id",
)  # fmt: skip

#: Records that stand in memory as objects, some four kilobytes each, before they become columns.
BATCH_RECORDS: Final = 10_000
#: Records of a run, some kilobytes each while it is sorted. More would need more memory; fewer would make more runs,
#: and each run is asked for every slice.
RUN_RECORDS: Final = 250_000
#: Least that is read of a run for a slice; a slice is about a thousandth part of a nation's run.
_ROW_GROUP: Final = 2_000

_EUI64: Final = r"^[0-9A-F]{2}(-[0-9A-F]{2}){7}$"
_PLACE: Final = "place"


def _joined(said: str | list[str] | None) -> str | None:
    return "; ".join(said) if isinstance(said, list) else said


def _number(said: str | int | None) -> str | None:
    return None if said is None else str(said)


def _flag(said: bool | None) -> str | None:  # noqa: FBT001 (the value of a field)
    return None if said is None else str(said).lower()


#: Fields that need not be text in the record.
_AS_TEXT: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "device_status_history": _joined,
    "uprn": _number,
    "aerial_install": _flag,
}


class DeviceRecords:
    """What the topic holds; it is read first, and then asked.

    Invariant: the runs and the batch hold every record that may be listed, each under its place in the log.
    """

    def __init__(self, partitions: int, *, folder: Path | None = None, run_records: int = RUN_RECORDS) -> None:
        """Begin without records.

        Args:
            partitions: of the topic.
            folder: gets a folder for the runs, which goes with this object; None for the system's temporary one.
            run_records: of a run.

        Raises:
            SnapshotError: the folder can't be written to.
        """
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="dcca-devices-", dir=folder))
        except OSError as error:
            raise _unwritable(folder or Path(tempfile.gettempdir()), error) from error
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._partitions = partitions
        self._run_records = run_records
        self._versions = Versions()
        self._ended = False
        self._batch: list[tuple[Any, ...]] = []
        self._tables: list[pl.DataFrame] = []
        self._runs: list[Path] = []

    def take(self, partition: int, record: Record) -> None:
        """Take a record of the topic; what can't be read is nothing here, the worker made a dead letter of it.

        A record in a partition where its Device is not at home counts as later than all that are, as it does for the
        worker to which it was passed on.

        Raises:
            SnapshotError: a run can't be written.
        """
        if self._ended:
            raise RuntimeError("the inventory was asked for already; take all records first")
        if record.value is None:
            device = (record.key or b"").decode(errors="replace").upper()
            if is_eui64(device):
                self._versions.forget(device, place_of(device, partition, record, self._partitions))
            return
        both = decoded(decode_whole_device, record.value)
        if isinstance(both, Rejected):
            return
        version, raw = both
        place = place_of(version.device, partition, record, self._partitions)
        self._versions.add(version, place)
        if not version.removed and version.registration != NOT_REGISTERED:
            self._batch.append((place, *astuple(raw)))
            if len(self._batch) >= min(BATCH_RECORDS, self._run_records):
                self._end_batch()

    def _end_batch(self) -> None:
        """Make columns of the batch, and a run of the batches if they are enough."""
        columns = dict(zip((_PLACE, *WireDevice.__struct_fields__), zip(*self._batch, strict=True), strict=True))
        texts = {name: map(_AS_TEXT[name], columns[name]) if name in _AS_TEXT else columns[name] for name in FIELDS}
        table = pl.DataFrame(
            {_PLACE: pl.Series(columns[_PLACE], dtype=pl.Int64)}
            | {name: pl.Series(list(values), dtype=pl.String) for name, values in texts.items()}
        )
        self._tables.append(table.with_columns(_upper(name) for name in ID_FIELDS))
        self._batch.clear()
        if sum(each.height for each in self._tables) >= self._run_records:
            self._end_run()

    def _end_run(self) -> None:
        run = self._folder / f"{len(self._runs)}.parquet"
        ordered = pl.concat(self._tables).sort("device", _PLACE)
        try:
            ordered.write_parquet(run, row_group_size=_ROW_GROUP, statistics=True)
        except (OSError, PolarsError) as error:
            raise _unwritable(self._folder, error) from error
        self._tables.clear()
        self._runs.append(run)

    @cached_property
    def inventory(self) -> Inventory:
        """All versions; once they are asked for no record is taken any more."""
        self._ended = True
        if self._batch:
            self._end_batch()
        if self._tables:
            self._end_run()
        versions, self._versions = self._versions, Versions()
        return Inventory(versions)

    def whole(self, held: pl.DataFrame) -> pl.DataFrame:
        """Return the whole records of some Devices, sorted by Device.

        Args:
            held: some rows of ``Inventory.held_before``, one after the other.

        Returns:
            ``registered`` and the ``FIELDS``; Devices that are registered to nobody are not among them.
        """
        schema = {"registered": pl.Int32} | dict.fromkeys(FIELDS, pl.String)
        if not held.height or not self._runs:
            return pl.DataFrame(schema=schema)
        first, last = id_of(held["number"][0]), id_of(held["number"][-1])
        rows = pl.scan_parquet(self._runs).filter(pl.col("device").is_between(pl.lit(first), pl.lit(last)))
        places = held.lazy().select(_PLACE, "registered")
        return rows.join(places, on=_PLACE).select(list(schema)).sort("device").collect()


def _unwritable(folder: Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"Device records can't be written to {folder} ({error}); free space there, or set TMPDIR")


def _upper(name: str) -> pl.Expr:
    upper = pl.col(name).str.to_uppercase()
    return pl.when(upper.str.contains(_EUI64)).then(upper).otherwise(name).alias(name)
