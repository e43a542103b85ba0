"""Keys and their running numbers, which the ledger goes by."""

from dcc_analytics.aggregators.interned import BLOCK, Interned


def test_a_key_keeps_the_number_it_was_given_first() -> None:
    interned: Interned[str] = Interned()
    assert [0, 1, 0, 2, 1] == [interned.number(key) for key in "abacb"]
    assert (["a", "b", "c"], 3) == (interned.keys, len(interned))


def test_a_cut_holds_the_keys_that_are_new() -> None:
    interned: Interned[str] = Interned()
    interned.number("a")
    assert ["a"] == interned.cut()
    interned.number("a")
    interned.number("b")
    assert ["b"] == interned.cut()
    assert interned.cut() == []


def test_whoever_takes_the_cuts_in_has_the_same_numbers_and_nothing_new() -> None:
    ours: Interned[str] = Interned()
    theirs: Interned[str] = Interned()
    for keys in ("ab", "", "ca", "d"):
        for key in keys:
            ours.number(key)
        theirs.extend(ours.cut())
    assert ours.keys == theirs.keys
    assert theirs.cut() == []
    assert 2 == theirs.number("c")


def test_keys_read_back_are_found_whether_or_not_others_were_put_aside_before_anyone_asked() -> None:
    for asked in (False, True):
        interned: Interned[int] = Interned()
        interned.load(0, list(range(2 * BLOCK)))
        interned.extend([2 * BLOCK])
        assert {0, 1, 2} == interned.changed_blocks
        if asked:
            assert 5 == interned.number(5)
        assert BLOCK == interned.put_aside(1)
        assert [BLOCK, 2 * BLOCK] == [interned.number(key) for key in (BLOCK, 2 * BLOCK)]
        interned.extend([7777])
        assert [2 * BLOCK + 2, 2 * BLOCK + 1] == [interned.number(key) for key in (5, 7777)]
        assert [5] == interned.cut()


def test_blocks_are_the_keys_in_order() -> None:
    interned: Interned[int] = Interned()
    interned.extend(list(range(2 * BLOCK + 3)))
    found = [interned.block(block) for block in range(3)]
    assert [BLOCK, BLOCK, 3] == list(map(len, found))
    assert interned.keys == [key for block in found for key in block]


def test_a_new_key_changes_its_block_and_a_known_one_none() -> None:
    interned: Interned[int] = Interned()
    for key in range(BLOCK + 1):
        interned.number(key)
    assert {0, 1} == interned.changed_blocks
    interned.changed_blocks.clear()
    interned.number(0)
    assert set() == interned.changed_blocks


def test_keys_before_a_block_get_new_numbers_and_an_earlier_block_brings_no_old_ones_back() -> None:
    keys: Interned[str] = Interned()
    keys.extend([str(number) for number in range(2 * BLOCK)])
    keys.pass_over(1)
    keys.pass_over(0)
    assert (2 * BLOCK, BLOCK) == (keys.number("0"), keys.named_from)
    assert BLOCK == keys.number(str(BLOCK))
