"""Devices by Model and firmware: contract sections 6, 7 (rules 1 to 5 and 9) and 8 (Peers); R-INV-2."""

from collections.abc import Iterable
from typing import Any

import polars as pl
import pytest

from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.inventory_models import FIRMWARE_KEY, MODEL_KEY, MODELS, inventory_models
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.suppression import withheld_cells
from dcc_analytics.stream.events import DeviceVersion, Registration, UserEntry
from tests.desk import DAY, NOON
from tests.story import OCTOBER

RULES = read_rules()
#: Of ``Estate.add``: who else is registered, and what the Device is.
ACME = ("ESME", "Acme", "M-1")


def user(number: int) -> str:
    return f"90-B3-D5-1F-30-{number:02X}-00-00"


class Estate:
    """Devices told one after the other, and what the snapshot makes of them at the end of October."""

    def __init__(self, *, groups: dict[int, str] | None = None, parties: dict[int, str] | None = None) -> None:
        self.versions: list[DeviceVersion] = []
        self._groups, self._parties = groups or {}, parties or {}

    def add(
        self, supplier: int, firmware: str, devices: int = 1, *, model: tuple[str, str, str] = ACME,
        as_of: int = NOON, removed: bool = False, device: str = "", **others: int,
    ) -> None:  # fmt: skip
        """Tell so many new Devices of a supplier, or a further version of one."""
        registered = Registration(user(supplier), *(
            user(others[name]) if name in others else None for name in ("export", "gas", "operator")
        ))  # fmt: skip
        for _ in range(devices):
            number = len(self.versions)
            name = device or f"88-73-84-00-00-{number >> 8:02X}-{number & 255:02X}-DB"
            self.versions.append(
                DeviceVersion(
                    name, as_of, model[0], "Commissioned", removed, "North", "SMETS2+", *model[1:], firmware, None,
                    registered,
                )
            )  # fmt: skip

    def frozen(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the table and the benchmarks."""
        entries = [
            UserEntry(user(number), party, party, self._groups.get(number, party), ("IS",), "", 0)
            for number in range(40)
            for party in [self._parties.get(number, f"P{number:02}")]
        ]
        return inventory_models(Inventory(self.versions), Directory(entries), OCTOBER.end_us, RULES)

    def rows(self, *columns: str, **where: object) -> list[tuple[Any, ...]]:
        """Return columns of the rows that are so."""
        return self.frozen()[0].filter(**where).select(columns).rows()

    def row(self, firmware: str, *columns: str, party: str = "P01") -> tuple[Any, ...]:
        """Return columns of the one row of a firmware version of a Party."""
        (found,) = self.rows(*columns, party=party, firmware_version=firmware)
        return found


# -- own figures ---------------------------------------------------------------------------------------------


def test_a_share_is_of_the_members_devices_of_the_type_and_model() -> None:
    """Of four M-1 three have 1.0: 3/4. The only M-2 with it is all of its Model: 1/1."""
    estate = Estate()
    estate.add(1, "1.0", 3)
    estate.add(1, "2.0")
    estate.add(1, "1.0", model=("ESME", "Acme", "M-2"))
    expected = [("M-1", "1.0", 3, 0.75), ("M-1", "2.0", 1, 0.25), ("M-2", "1.0", 1, 1.0)]
    assert expected == estate.rows("model", "firmware_version", "devices", "share")


@pytest.mark.parametrize("other", [("GSME", "Acme", "M-1"), ("ESME", "Zenith", "M-1"), ("ESME", "Acme", "M-9")])
def test_a_model_is_told_apart_by_type_manufacturer_and_name(other: tuple[str, str, str]) -> None:
    estate = Estate()
    estate.add(1, "1.0")
    estate.add(1, "2.0", model=other)
    assert [(1, 1.0), (1, 1.0)] == estate.rows("devices", "share")


def test_what_the_record_does_not_say_is_counted_as_unknown() -> None:
    estate = Estate()
    estate.add(1, "Unknown", model=("IHD", "Unknown", "Unknown"))
    names = ("device_type", "manufacturer", "model", "firmware_version", "devices", "share")
    assert [("IHD", "Unknown", "Unknown", "Unknown", 1, 1.0)] == estate.rows(*names)


def test_a_device_registered_to_four_members_counts_for_each() -> None:
    estate = Estate()
    estate.add(1, "1.0", export=2, gas=3, operator=4)
    assert [("P01", "IS"), ("P02", "ES"), ("P03", "GS"), ("P04", "ED")] == estate.rows("party", "role", devices=1)


def test_users_of_one_party_count_together_in_a_role_and_apart_by_role() -> None:
    estate = Estate(parties={2: "P01"})
    estate.add(1, "1.0", 2)
    estate.add(2, "1.0", 3)
    estate.add(3, "1.0", export=2)
    assert [("IS", 5), ("ES", 1)] == sorted(estate.rows("role", "devices", party="P01"), reverse=True)


def test_the_version_that_counts_is_the_one_at_the_months_last_instant() -> None:
    """Upgraded at the last instant; changed supplier in the month; the next month's first instant is not October's."""
    last, first = OCTOBER.end_us - 1, OCTOBER.end_us
    estate = Estate()
    for device, version in (("88-73-84-00-00-00-00-01", "1.0"), ("88-73-84-00-00-00-00-02", "1.0")):
        estate.add(1, version, device=device, as_of=NOON - 400 * DAY)
    estate.add(2, "1.0", device="88-73-84-00-00-00-00-01", as_of=NOON)
    estate.add(2, "2.0", device="88-73-84-00-00-00-00-01", as_of=last)
    estate.add(3, "3.0", device="88-73-84-00-00-00-00-02", as_of=first)
    estate.add(4, "9.0", device="88-73-84-00-00-00-00-03", as_of=first)
    assert [("P01", "1.0", 1), ("P02", "2.0", 1)] == estate.rows("party", "firmware_version", "devices")


@pytest.mark.parametrize(("devices", "left_at"), [(0, OCTOBER.end_us - 1), (1, OCTOBER.end_us)])
def test_a_device_that_left_by_the_months_end_is_not_counted(devices: int, left_at: int) -> None:
    estate = Estate()
    estate.add(1, "1.0", device="88-73-84-00-00-00-00-01")
    estate.add(1, "1.0", device="88-73-84-00-00-00-00-01", as_of=left_at, removed=True)
    assert devices == len(estate.rows("devices"))


# -- benchmarks ----------------------------------------------------------------------------------------------


def market(sizes: Iterable[tuple[int, int]], **told: Any) -> Estate:  # noqa: ANN401 (of Estate)
    """Return an estate in which supplier 1, 2, ... has so many Devices with firmware 1.0 and so many with 2.0."""
    estate = Estate(**told)
    for supplier, (old, new) in enumerate(sizes, 1):
        estate.add(supplier, "1.0", old)
        estate.add(supplier, "2.0", new)
    return estate


def test_the_industry_share_is_of_all_devices_of_the_role_the_recipients_included() -> None:
    """Ten suppliers: one has 20 of 20 with 1.0, nine have 10 of 20: 110/200."""
    estate = market([(20, 0)] + [(10, 10)] * 9)
    assert (110 / 200,) == estate.row("1.0", "industry_share")
    assert (90 / 200,) == estate.row("2.0", "industry_share", party="P02")


@pytest.mark.parametrize(
    ("shown", "suppliers", "groups"),
    [(True, 10, {}), (False, 9, {}), (False, 10, {2: "G", 3: "G"}), (True, 11, {2: "G", 3: "G"})],
)
def test_an_industry_share_needs_ten_owner_groups_with_the_model(
    *, shown: bool, suppliers: int, groups: dict[int, str]
) -> None:
    estate = market([(1, 1)] * suppliers, groups=groups)
    assert shown is (estate.row("1.0", "industry_share")[0] is not None)


def test_a_group_with_the_model_counts_though_it_lacks_the_firmware() -> None:
    """Ten groups have the Model, two of them firmware 2.0: 2 of 20 Devices."""
    estate = market([(1, 1)] * 2 + [(2, 0)] * 8)
    assert (2 / 20,) == estate.row("2.0", "industry_share")


@pytest.mark.parametrize(
    ("shown", "largest"),
    [
        (False, (180, 1)),  # of 200: the two have 90.5 %
        (False, (90, 90)),  # of 200: 90 %
        (True, (90, 89)),  # of 199: 89.9 %, and what is left, 20, is more than 10 % of 90
    ],
)
def test_an_industry_share_is_withheld_where_two_have_nine_tenths(*, shown: bool, largest: tuple[int, int]) -> None:
    rest = 20 if largest[1] > 1 else 19
    estate = market([(largest[0], 0), (largest[1], 0)] + [(1, 0)] * rest)
    assert shown is (estate.row("1.0", "industry_share")[0] is not None)


def test_a_cell_all_may_see_is_ok_and_one_two_have_nearly_all_of_is_dominated() -> None:
    assert ("ok",) == market([(30, 30)] * 12).row("1.0", "benchmark_status")
    assert ("dominated",) == market([(5_000, 0)] * 2 + [(30, 0)] * 10).row("1.0", "benchmark_status")


def test_peers_have_thirty_devices_of_the_model_and_one_without_the_firmware_has_the_share_0() -> None:
    """Shares of 2.0: three have 0/30, three 15/30; who has 29 Devices, all with 2.0, is no peer. Median 0.25."""
    estate = market([(30, 0)] * 3 + [(15, 15)] * 3 + [(0, 29)])
    assert (0.25, None, None, "6-9", "few") == estate.row(
        "2.0", "peer_share_median", "peer_share_p25", "peer_share_p75", "peers", "benchmark_status", party="P07"
    )


@pytest.mark.parametrize(("median", "groups"), [(None, {1: "G", 2: "G"}), (0.5, {})])
def test_a_median_of_peers_needs_six_owner_groups(median: float | None, groups: dict[int, str]) -> None:
    assert (median,) == market([(15, 15)] * 6, groups=groups).row("1.0", "peer_share_median")


def test_quartiles_need_ten_groups_and_are_linear_between_members() -> None:
    """Shares of 1.0 are 0, 1/30 ... 9/30: the quartiles lie at 2.25/30, 4.5/30 and 6.75/30."""
    estate = market([(number, 30 - number) for number in range(10)])
    names = ("peer_share_p25", "peer_share_median", "peer_share_p75", "peers")
    assert (0.075, 0.15, 0.225, "10-19") == estate.row("1.0", *names, party="P02")
    assert (None, None) == market([(1, 29)] * 9).row("1.0", *names[::2])


def test_shares_of_peers_are_exact_until_they_are_rounded_half_even() -> None:
    """The median of 1/40 and 14/40 is 0.1875: 0.188. As floats the two give a little less: 0.187."""
    assert 0.1875 > pl.Series([1 / 40, 14 / 40]).quantile(0.5, "linear")  # type: ignore[operator]
    assert (0.188,) == market([(1, 39)] * 3 + [(14, 26)] * 3).row("1.0", "peer_share_median")


def test_every_member_sees_the_same_benchmark_and_only_of_what_it_has() -> None:
    estate = market([(20, 20)] * 11 + [(40, 0)])
    columns = [name for name in MODELS if name.startswith(("industry", "peer", "benchmark"))]
    table, _ = estate.frozen()
    assert 2 == table.select("firmware_version", *columns).unique().height
    assert 11 * 2 + 1 == table.height
    assert [] == estate.rows("devices", party="P12", firmware_version="2.0")


def test_what_is_withheld_is_told_the_operator_with_its_reason_and_no_value() -> None:
    estate = market([(1, 0)] * 3)
    assert [("IS|ESME|Acme|M-1|1.0", "few")] == withheld_cells(estate.frozen()[1], FIRMWARE_KEY)


# -- laws ----------------------------------------------------------------------------------------------------


def test_rows_are_sorted_and_shares_of_a_model_sum_to_one_for_each_member() -> None:
    estate = market([(number, 3 * number % 7) for number in range(1, 20)])
    estate.add(3, "9", 4, model=("CHF", "Halo", "H2"), operator=5)
    table, _ = estate.frozen()
    assert table.equals(table.sort("party", *FIRMWARE_KEY))
    sums = table.group_by("party", *MODEL_KEY).agg(pl.col("share").sum().alias("one"))
    assert all(abs(one - 1) < 1e-12 for one in sums["one"])
    assert len(estate.versions) == table.filter(role="IS")["devices"].sum()


def test_without_devices_there_are_no_rows() -> None:
    table, benchmarks = Estate().frozen()
    assert (["party", "role", *MODELS], 0, 0) == (table.columns, table.height, benchmarks.height)
