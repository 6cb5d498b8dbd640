"""What a visitor brings: files, folders, archives, none of which leads out of the visitor's own folder."""

import asyncio
import io
import stat
import zipfile
from urllib.parse import quote

import numpy as np
import pytest

pytest.importorskip("nicegui")

from nicegui import ui
from nicegui.elements.upload_files import SmallFileUpload
from support.page import press, run_example, see, upload, visit
from support.sorter_files import write_mclust, write_phy

from elephant_dic.gui.recording.received import place_in, received, unpack
from elephant_dic.gui.session import Session
from elephant_dic.gui.widgets.uploads import MOST_FILES

LIMIT = 1_000_000


def write_sorting(folder):
    """Of phy: 40 spikes of unit 0, 60 of unit 7."""
    rng = np.random.default_rng(0)
    samples = np.sort(rng.choice(30_000 * 20, 100, replace=False))
    clusters = np.zeros(100, dtype=int)
    clusters[rng.choice(100, 60, replace=False)] = 7
    return write_phy(folder, samples, clusters)


def zipped(folder, below=""):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(folder.rglob("*")):
            target.write(path, below + str(path.relative_to(folder)))
    return archive.getvalue()


def archive_with(tmp_path, *entries):
    """An archive of entries: (name, content), or (ZipInfo, content)."""
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def keep(session, *files, limit=LIMIT):
    uploads = [SmallFileUpload(name, "", content) for name, content in files]
    return asyncio.run(received(session, uploads, limit))


@pytest.fixture
def session():
    session = Session()
    yield session
    session.close()


# --- what is kept ------------------------------------------------------------------------------------------


def test_a_file_is_kept_under_a_name_of_ours(session):
    source = keep(session, ("a b.csv", b"1\n")).value
    assert (source.name, source.path.name) == ("a b.csv", "uploaded_recording.csv")
    assert source.path.read_bytes() == b"1\n"


@pytest.mark.parametrize("below", ["", "phy_out/", "data/phy_out/"])
def test_an_archive_is_the_folder_that_it_holds(session, tmp_path, below):
    content = zipped(write_sorting(tmp_path / "phy"), below)
    source = keep(session, ("monday.zip", content)).value
    assert source.name == ("phy_out" if below else "monday")
    assert sorted(path.name for path in source.path.iterdir()) == [
        "params.py", "spike_clusters.npy", "spike_times.npy"
    ]  # fmt: skip
    assert source.path.is_relative_to(session.folder)
    session.open(source)
    session.open(keep(session, ("other.csv", b"1\n")).value)
    assert len(list(session.folder.iterdir())) == 1  # the other file; nothing of the archive is left


def test_an_archive_of_one_file_is_that_file(session, tmp_path):
    path = archive_with(tmp_path, ("__MACOSX/._cell.csv", b"x"), ("day/cell.csv", b"10\n20\n"))
    source = keep(session, ("some.zip", path.read_bytes())).value
    assert (source.name, source.path.read_bytes(), source.is_table) == ("cell.csv", b"10\n20\n", True)


def test_files_of_a_folder_keep_their_places(session):
    files = [(quote("phy/a.npy", safe=""), b"1"), (quote("phy/inner/ä.txt", safe=""), b"2")]
    source = keep(session, *files).value
    assert source.name == "phy"
    assert (source.path / "inner" / "ä.txt").read_bytes() == b"2"
    source = keep(session, ("TT1.t", b"1"), ("TT2.t", b"2"), ("TT3.t", b"3")).value
    assert source.name == "TT1.t and 2 more"
    assert len(list(source.path.iterdir())) == 3


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:\\evil", "a//b", "a/./b", "a\0b", "a/" * 8 + "b"],
)
def test_no_name_leads_out_of_the_folder(session, tmp_path, name):
    with pytest.raises(ValueError, match="does not name a file in a folder"):
        place_in(tmp_path, name)
    told = keep(session, (quote(name, safe=""), b"x"), ("b.npy", b"x"))
    assert "does not name a file in a folder" in told.error
    assert not [path for path in session.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_an_archive_writes_nothing_outside(tmp_path, name):
    path = archive_with(tmp_path, ("a.npy", b"x"), (name, b"x"))
    with pytest.raises(ValueError, match="does not name a file in a folder"):
        unpack(path, tmp_path / "in" / "it", LIMIT)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} <= {"some.zip", "a.npy"}


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("passwords")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive_with(tmp_path, (link, "/etc/passwd"))
    with pytest.raises(ValueError, match="holds a link, 'passwords'"):
        unpack(path, tmp_path / "it", LIMIT)


def test_what_is_too_large_or_too_many_is_refused_before_it_is_unpacked(tmp_path):
    bomb = archive_with(tmp_path, ("zeros.npy", bytes(3 * LIMIT)))
    assert bomb.stat().st_size < LIMIT / 100
    with pytest.raises(ValueError, match="holds 3 MB, of which at most 2 are unpacked"):
        unpack(bomb, tmp_path / "it", 2 * LIMIT)
    many = archive_with(tmp_path, *((f"{k}.t", b"") for k in range(MOST_FILES + 1)))
    with pytest.raises(ValueError, match="holds 1,001 files; from 1 to 1,000"):
        unpack(many, tmp_path / "it", LIMIT)
    with pytest.raises(ValueError, match="holds 0 files"):
        unpack(archive_with(tmp_path), tmp_path / "it", LIMIT)
    assert not (tmp_path / "it").exists()


def test_a_size_that_is_a_lie_lets_nothing_more_through(tmp_path):
    path = archive_with(tmp_path, ("zeros.npy", bytes(LIMIT)))
    content = path.read_bytes()
    declared = LIMIT.to_bytes(4, "little")
    assert content.count(declared) == 2
    path.write_bytes(content.replace(declared, (10).to_bytes(4, "little")))
    with pytest.raises(ValueError, match="damaged"):
        unpack(path, tmp_path / "it", LIMIT)
    assert sum(path.stat().st_size for path in (tmp_path / "it").iterdir()) <= 10


def test_damaged_and_encrypted_archives_are_told(session, tmp_path):
    path = archive_with(tmp_path, ("a.npy", b"x" * 1000))
    content = path.read_bytes()
    assert "damaged" in keep(session, ("a.zip", content[:-20])).error
    assert "damaged" in keep(session, ("a.zip", content[:35] + b"\xff\xff" + content[37:])).error
    flags = content.index(b"PK\x01\x02") + 8
    encrypted = content[:flags] + b"\x01" + content[flags + 1 :]
    assert "encrypted" in keep(session, ("a.zip", encrypted)).error


# --- on the page -------------------------------------------------------------------------------------------


def test_a_folder_of_phy_in_an_archive_is_read_and_a_bad_archive_changes_nothing(tmp_path):
    content = zipped(write_sorting(tmp_path / "phy"), "phy_out/")

    async def story(user):
        await upload(user, "monday.zip", content)
        await see(user, "phy_out")
        await see(user, "40 spikes in ")
        await upload(user, "bad.zip", content[:100])
        await see(user, "the archive is damaged")
        await see(user, "40 spikes in ")

    visit(tmp_path, story)


def test_the_recording_after_may_be_an_archive(tmp_path):
    folder = tmp_path / "mclust"
    folder.mkdir()
    write_mclust(folder / "TT1_1.t", np.arange(1, 30, 0.25))

    async def story(user):
        await run_example(user, n_models=20)
        press(user, "A stretch of the same recording")
        uploader = max(user.find(ui.upload).elements, key=lambda each: each.id)
        await uploader.handle_uploads([SmallFileUpload("after.zip", "", zipped(folder))])
        await see(user, "After: TT1_1.t")

    visit(tmp_path, story)
