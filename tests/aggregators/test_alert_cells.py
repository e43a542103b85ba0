"""Keys of Alerts as columns: a list of them in all that is asked of it."""

import pytest

from dcc_analytics.aggregators.alert_cells import AlertCells, AlertKeys
from dcc_analytics.aggregators.cells import ALERT_COLUMNS, SUCCEEDED, TIMED
from dcc_analytics.aggregators.keys import AlertKey

KEYS = [AlertKey(digest, 20_000 + digest, 7 * digest) for digest in range(10)]


def held() -> AlertKeys:
    """Return ``KEYS`` held as columns."""
    keys = AlertKeys()
    keys.extend(KEYS[:-1])
    keys.append(KEYS[-1])
    return keys


def test_keys_come_back_as_they_were_added() -> None:
    assert (KEYS, len(KEYS)) == (list(held()), len(held()))
    assert {AlertKey} == set(map(type, held()))


@pytest.mark.parametrize("place", [0, 3, -1, -10])
def test_a_key_is_at_its_place(place: int) -> None:
    assert KEYS[place] == held()[place]


@pytest.mark.parametrize("place", [10, -11])
def test_beyond_the_last_place_there_is_no_key(place: int) -> None:
    with pytest.raises(IndexError):
        held()[place]


@pytest.mark.parametrize("places", [slice(None), slice(3), slice(3, 7), slice(3, 99), slice(-2, None), slice(7, 3)])
def test_a_range_of_places_is_a_list_and_can_be_removed(places: slice) -> None:
    keys, expected = held(), list(KEYS)
    assert expected[places] == keys[places]
    del keys[places]
    del expected[places]
    assert expected == list(keys)


def test_a_number_too_large_is_refused() -> None:
    with pytest.raises(OverflowError):
        held().append(AlertKey(2**31, 0, 0))


@pytest.mark.parametrize("keys", [None, AlertKeys()], ids=["list", "columns"])
def test_columns_have_the_fields_of_keys_beside_what_was_counted_and_hinder_nothing(keys: AlertKeys | None) -> None:
    cells = AlertCells(keys)
    for key in KEYS[:2]:
        cells.append(cells.keys.number(key), SUCCEEDED | TIMED, 5)
    cells.fold(cells.cut())
    columns = cells.by_column()
    assert 2 == cells.keys.number(KEYS[2])
    found = {name: column.tolist() for name, column in columns.items()}
    assert ["digest", "day", "facts", *ALERT_COLUMNS] == list(found)
    assert ([0, 1], [20_000, 20_001], [0, 7]) == tuple(found[name] for name in AlertKey._fields)
    assert ([1, 1], [5, 5]) == (found["successes"], found["rtt_sum_us"])
