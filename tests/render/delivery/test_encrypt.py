"""``dcca packs encrypt``: what recipients get opens with their keys alone, and holds their packs byte by byte.

Requirement: R-OUT-2.
"""

import gzip
import io
import json
import shutil
import tarfile
from pathlib import Path

import pytest
from pyrage import DecryptError, decrypt
from pyrage.x25519 import Identity
from typer.testing import CliRunner, Result

from dcc_analytics.catalogue.errors import PackError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.delivery import encrypt
from dcc_analytics.render.delivery.encrypt import archive, released_packs
from dcc_analytics.render.delivery.pack import DeliveredPack
from dcc_analytics.render.delivery.recipients import read_recipients
from dcc_analytics.render.delivery.verify import verified
from tests.render.delivery.conftest import Released

pytestmark = pytest.mark.slow

OWN, SECOND, OTHER = (Identity.generate() for _ in range(3))


def keys_file(path: Path, *rows: str) -> Path:
    path.write_text("\r\n".join(("party,role,key", *rows)) + "\r\n", encoding="utf-8")
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A has two keys, B one."""
    return keys_file(
        tmp_path / "keys.csv", f"A,IS,{OWN.to_public()}", f"B,IS,{OTHER.to_public()}", "", f"A,IS,{SECOND.to_public()}"
    )


def run(folder: Path, keys: Path, out: Path, *options: str) -> Result:
    command = ["packs", "encrypt", str(folder), "--recipients", str(keys), "--out", str(out), *options]
    return CliRunner().invoke(app, command)


def test_a_recipient_gets_its_pack_byte_by_byte_with_either_of_its_keys(
    pair: Released, keys: Path, tmp_path: Path
) -> None:
    ran = run(pair.folder, keys, tmp_path / "out", "--json")
    assert 0 == ran.exit_code
    assert ["2026-10-A-IS-r1.tar.gz.age", "2026-10-B-IS-r1.tar.gz.age"] == sorted(
        path.name for path in (tmp_path / "out").iterdir()
    )
    sealed = (tmp_path / "out" / "2026-10-A-IS-r1.tar.gz.age").read_bytes()
    for number, identity in enumerate((OWN, SECOND)):
        with tarfile.open(fileobj=io.BytesIO(decrypt(sealed, [identity]))) as tar:
            tar.extractall(tmp_path / str(number), filter="data")
        unpacked = tmp_path / str(number) / "2026-10-A-IS-r1"
        there = {path.name: path.read_bytes() for path in (pair.folder / "A-IS").iterdir()}
        assert there == {path.name: path.read_bytes() for path in unpacked.iterdir()}
        assert () == verified(unpacked).faults
    said = json.loads(ran.stdout)
    assert [2, 1] == [each["keys"] for each in said["packs"]]
    assert verified(pair.folder / "A-IS").manifest_sha256 == said["packs"][0]["manifest_sha256"]


def test_no_other_key_opens_it_and_nothing_of_it_is_readable(pair: Released, keys: Path, tmp_path: Path) -> None:
    run(pair.folder, keys, tmp_path / "out")
    sealed = (tmp_path / "out" / "2026-10-A-IS-r1.tar.gz.age").read_bytes()
    with pytest.raises(DecryptError, match="No matching keys"):
        decrypt(sealed, [OTHER])
    assert sealed.startswith(b"age-encryption.org/v1")
    assert not any(each in sealed for each in (b"A-IS", b"pack.pdf", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"))


@pytest.mark.parametrize("where", [0.5, -1])
def test_an_archive_that_was_cut_or_changed_is_not_opened(
    pair: Released, keys: Path, tmp_path: Path, where: float
) -> None:
    run(pair.folder, keys, tmp_path / "out")
    sealed = (tmp_path / "out" / "2026-10-A-IS-r1.tar.gz.age").read_bytes()
    place = int(len(sealed) * where) if where > 0 else -1
    with pytest.raises(DecryptError):
        decrypt(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place:][1:], [OWN])
    with pytest.raises(DecryptError):
        decrypt(sealed[:place], [OWN])


def test_the_archive_of_a_pack_is_the_same_bytes_each_time(pair: Released, tmp_path: Path) -> None:
    copy = shutil.copytree(pair.folder, tmp_path / "packs" / "2026-10") / "A-IS"
    for path in copy.iterdir():
        path.touch()
        path.chmod(0o600)
    files = [io.BytesIO(), io.BytesIO()]
    for file, folder in zip(files, (pair.folder / "A-IS", copy), strict=True):
        archive(DeliveredPack.read(folder), file)
    assert files[0].getvalue() == files[1].getvalue()
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(files[0].getvalue()))) as tar:
        entries = tar.getmembers()
    assert sorted(each.name for each in entries) == [each.name for each in entries]
    assert {("", "", 0, 0, 0o644, 1794268800)} == {
        (each.uname, each.gname, each.uid, each.gid, each.mode, int(each.mtime)) for each in entries
    }


def test_members_without_a_key_are_all_named_and_nothing_is_written(pair: Released, tmp_path: Path) -> None:
    keys = keys_file(tmp_path / "keys.csv", f"C,IS,{OWN.to_public()}")
    ran = run(pair.folder, keys, tmp_path / "out")
    assert isinstance(ran.exception, UsageError)
    assert "has no key of 2 of 2 Members (A IS, B IS); add them, or leave them out with --skip-missing" in str(
        ran.exception
    )
    assert not (tmp_path / "out").exists()


def test_members_without_a_key_are_left_out_if_asked_for(pair: Released, tmp_path: Path) -> None:
    keys = keys_file(tmp_path / "keys.csv", f"B,IS,{OTHER.to_public()}")
    ran = run(pair.folder, keys, tmp_path / "out", "--skip-missing")
    assert "1 of 2 packs of 2026-10 encrypted in" in ran.output
    assert "; left out, without a key: A IS\n" in ran.output
    assert ["2026-10-B-IS-r1.tar.gz.age"] == [path.name for path in (tmp_path / "out").iterdir()]


def test_a_pack_that_was_harmed_is_not_delivered_nor_any_other(pair: Released, keys: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(pair.folder, tmp_path / "packs" / "2026-10")
    (folder / "B-IS" / "failures.csv").write_text("mine")
    ran = run(folder, keys, tmp_path / "out")
    assert isinstance(ran.exception, PackError)
    assert not (tmp_path / "out").exists()


def test_what_fails_half_way_leaves_what_was_there(
    pair: Released, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tmp_path / "out" / "2026-10-A-IS-r1.tar.gz.age"
    before.parent.mkdir()
    before.write_bytes(b"sent before")
    made: list[Path] = []
    whole = encrypt._encrypt

    def full(pack: DeliveredPack, *others: object) -> None:
        made.append(pack.path)
        if len(made) > 1:
            raise OSError(28, "No space left on device")
        whole(pack, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(encrypt, "_encrypt", full)
    ran = run(pair.folder, keys, tmp_path / "out")
    assert isinstance(ran.exception, UsageError)
    assert "can't be written to" in str(ran.exception)
    assert (2, [before], b"sent before") == (len(made), list(before.parent.iterdir()), before.read_bytes())


def test_only_a_released_month_is_delivered(pair: Released, tmp_path: Path) -> None:
    held = shutil.copytree(pair.folder, tmp_path / "2026-10.held")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "2026-10").symlink_to(held)
    for folder in (held, tmp_path / "link" / "2026-10", pair.folder / "A-IS", pair.folder.parent):
        with pytest.raises(UsageError, match="is not the folder of a released month"):
            released_packs(folder)
    with pytest.raises(UsageError, match="is no pack of 2026-11"):
        released_packs(held.rename(tmp_path / "2026-11"))
    with pytest.raises(UsageError, match="holds no pack"):
        released_packs(tmp_path / "2026-12")


@pytest.mark.parametrize("out", [".", "A-IS", "outbox/deep"])
def test_archives_are_not_put_among_the_packs(pair: Released, keys: Path, out: str) -> None:
    ran = run(pair.folder, keys, pair.folder / out)
    assert isinstance(ran.exception, UsageError)
    assert "is within the packs" in str(ran.exception)
    assert not (pair.folder / "outbox").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "does not begin with party,role,key"),
        ("party,key\n", "does not begin with party,role,key"),
        ("party,role,key\nA,IS\n", "line 2: a row is a Party, a Role and a key"),
        ("party,role,key\nA,,age1x\n", "line 2: a row is a Party, a Role and a key"),
        ("party,role,key\nA,IS,ssh-ed25519 AAAA\n", "line 2: no public key of age, which begins with age1"),
        (f"party,role,key\nA,IS,{OWN}\n", "it is a private key, which its owner must replace"),
        ('party,role,key\nA,IS,"age1', "can't be read"),
    ],
)
def test_a_file_of_keys_that_is_none_is_said(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "keys.csv").write_text(content)
    with pytest.raises(UsageError) as caught:
        read_recipients(tmp_path / "keys.csv")
    assert said in str(caught.value)
    assert str(OWN) not in str(caught.value)


def test_a_file_of_keys_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "keys.csv").write_text(f"party,role,key\r\nA,IS, {OWN.to_public()}\r\n", encoding="utf-8-sig")
    assert {("A", "IS"): 1} == {member: len(each) for member, each in read_recipients(tmp_path / "keys.csv").items()}
    with pytest.raises(UsageError, match="can't be read"):
        read_recipients(tmp_path / "not there")
