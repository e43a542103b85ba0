"""Golden snapshots: folders as a release has written them, with CSV files made of them then.

    data/golden/snapshot-v<format>.tar.gz    2026-10, the snapshot; packs/<folder>, the CSV files of some Members

``python -m tests.render.golden_snapshots`` writes that of the format the code has now, from the feed of the golden
ledgers; what was released is never made again.
"""

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dcc_analytics.render.files import KEYS
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.revision import FORMAT_VERSION
from dcc_analytics.snapshot.take import write
from tests.golden_ledgers import FEED, GOLDEN, PARTITIONS, taken
from tests.recorded_sample import published

#: A supplier of electricity and a distributor, who between them have every file.
ROLES: Final = ("IS", "ED")


def snapshots() -> list[Path]:
    """Return every golden snapshot, of all formats."""
    return sorted(GOLDEN.glob("snapshot-v*.tar.gz"))


def unpacked(archive: Path, folder: Path) -> SnapshotFolder:
    """Unpack a golden snapshot, and the CSV files beside it, into a folder."""
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    (month,) = folder.glob("20*")
    return SnapshotFolder.open(month)


def write_csv_files(snapshot: SnapshotFolder, packs: Path) -> None:
    """Write packs of the busiest Member of some Roles, and keep the CSV files."""
    members = snapshot.members()
    with TemporaryDirectory() as folder:
        fonts = FontFolder.make(Path(folder))
        for role in ROLES:
            rows = {member: snapshot.table("round_trips_daily", member).height for member in members}
            busiest = max((member for member in members if member.role == role), key=lambda each: rows[each])
            pack = packs / busiest.folder
            pack.mkdir(parents=True)
            write_pack(snapshot, busiest, pack, fonts)
            for path in pack.iterdir():
                if path.suffix != ".csv":
                    path.unlink()


def main() -> None:
    """Write the golden snapshot of the format that the code writes now."""
    archive = GOLDEN / f"snapshot-v{FORMAT_VERSION}.tar.gz"
    if archive.exists():
        raise SystemExit(f"{archive} is there: what was released is never made again")
    driver, _ = published(PARTITIONS, FEED)
    driver.run()
    with TemporaryDirectory() as folder:
        month = write(taken(driver), Path(folder), KEYS)
        write_csv_files(SnapshotFolder.open(month), Path(folder) / "packs")
        with tarfile.open(archive, "w:gz") as file:
            for name in (month.name, "packs"):
                file.add(Path(folder) / name, name, filter=_nobodys)


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return an entry that says nothing of who wrote it, and when."""
    return entry.replace(mtime=0, uid=0, gid=0, uname="", gname="", deep=False)


if __name__ == "__main__":
    main()
