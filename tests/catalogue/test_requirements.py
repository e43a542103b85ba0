"""The table of requirements is read as it has to be written."""

import re

import pytest

from dcc_analytics.catalogue.errors import CatalogueError
from dcc_analytics.catalogue.requirements import REQUIREMENTS, read_requirements

HEADER = "id,requirement,metrics,files,headings,tests,not_met,source,verified,note\n"
NODE = "tests/test_month.py::test_one"


def test_a_sound_row_gives_its_cells_and_what_it_rests_on() -> None:
    text = HEADER + f"R-BP-1,Rates.,rates,failures:meter_type,Day by day,{NODE},not met yet: a figure,MP176,yes,well\n"
    (found,) = read_requirements(text).values()
    assert ("R-BP-1", "Rates.", "rates", "well") == (found.id, found.text, found.metrics, found.remark)
    assert ({"failures": ("meter_type",)}, ("Day by day",)) == (dict(found.files), found.headings)
    assert ((NODE,), "not met yet: a figure") == (found.tests, found.not_met)
    assert ["A-METER-TYPE"] == [each.id for each in found.assumptions]


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("column id: 'BP-1' is no id such as R-BP-1", f"BP-1,Rates.,,,,{NODE},,MP176,yes,"),
        ("column requirement: '' is empty", f"R-BP-1,,,,,{NODE},,MP176,yes,"),
        ("column tests: 'test_one' has 'test_one', which is no test", "R-BP-1,Rates.,,,,test_one,,MP176,yes,"),
        ("column not_met: 'soon' does not begin with 'not met yet: '", f"R-BP-1,Rates.,,,,{NODE},soon,MP176,yes,"),
        ("column files: 'failures' has 'failures'", f"R-BP-1,Rates.,,failures,,{NODE},,MP176,yes,"),
    ],
)
def test_a_row_that_is_not_sound_is_named_with_what_is_wrong(said: str, row: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_requirements(HEADER + row + "\n")


def test_what_is_met_is_proved_and_what_has_a_file_has_a_metric() -> None:
    assert [] == [each.id for each in REQUIREMENTS.values() if not each.not_met and not each.tests]
    assert [] == [each.id for each in REQUIREMENTS.values() if bool(each.files) != bool(each.metrics)]


def test_what_is_missing_is_said_without_a_promise() -> None:
    promises = re.compile(r"\b(will|shall|soon|planned|later release|to come|todo)\b", re.IGNORECASE)
    assert promises.search("it will be")
    assert [] == [each.id for each in REQUIREMENTS.values() if promises.search(each.not_met)]
