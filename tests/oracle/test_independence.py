from pathlib import Path

_PRODUCT = "dcc_" + "analytics"


def test_the_judge_imports_nothing_of_the_product() -> None:
    modules = sorted(Path(__file__).parent.glob("*.py"))
    assert len(modules) > 10
    assert [] == [module.name for module in modules if _PRODUCT in module.read_text(encoding="utf-8")]
