"""The files of Table 1's special measures: their columns, and the sample printed through them."""

import csv
from functools import lru_cache
from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.measure_files import MEASURE_FILES
from tests.expected_figures import MEMBERS
from tests.measured import NAMES, measured, told
from tests.recorded_sample import MONTH, SAMPLE

#: Contract section 6, word for word.
CONTRACT = {
    "installs_daily": "day, install_and_commission, install_and_leave, predicted, predicted_low, predicted_high",
    "installs_without_read": "chf, installed_at, window_ended_on",
    "cos_gains": "device, gained_at, read_within_30_days, last_install_srv",
    "firmware_delivery": "request_id, chf, received_at, delivered_at, within_five_days",
    "n42_after_n16": "supplier, n16, within_7_days, later, none",
    "outages_unrestored": "chf, mpxn, started_at, age_hours",
}
FILES = {each.name: each for each in MEASURE_FILES}


@lru_cache
def tables() -> dict[str, pl.DataFrame]:
    """Return the six tables of the sample's October."""
    return measured(SAMPLE, MONTH)


def test_the_files_have_the_columns_of_the_contract_in_its_order() -> None:
    assert CONTRACT == {name: ", ".join(file.header) for name, file in FILES.items()}


def test_the_files_of_distributors_are_in_their_packs_alone() -> None:
    assert {"n42_after_n16", "outages_unrestored"} == {file.name for file in MEASURE_FILES if file.roles == ("ED",)}
    assert all(not file.roles for file in MEASURE_FILES[:4])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_the_columns_of_its_file(name: str) -> None:
    assert ["party", "role", *(column.source for column in FILES[name].columns)] == tables()[name].columns


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_file_prints_what_its_table_says(tmp_path: Path, name: str) -> None:
    printed = 0
    for member in MEMBERS:
        party, role = member.rsplit("-", 1)
        path = tmp_path / f"{name}.csv"
        printed += write_csv(tables()[name].filter(party=party, role=role), FILES[name], path)
        with path.open(encoding="utf-8", newline="") as file:
            assert told(tables()[name], party, role) == list(csv.DictReader(file))
    assert printed > 0
