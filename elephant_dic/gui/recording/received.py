"""What a visitor brings: a file, the files of a folder, or an archive of either, put where it can be read."""

from __future__ import annotations

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..widgets.jobs import Outcome, work
from ..widgets.uploads import LEFT_OUT, MOST_FILES
from .opened import Source

DEEPEST = 8  # folders in folders of an archive
UNPACKED = 4  # times the limit of an upload
_DAMAGE = (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, lzma.LZMAError)


async def received(session: Any, files: Sequence[Any], limit: int) -> Outcome:
    """Keep what was uploaded at a time in the visitor's own folder.

    Parameters
    ----------
    session : Session
    files : sequence of NiceGUI's FileUpload
        Several are those of a folder; each may be named by its path in it, quoted as in an address.
    limit : int
        Bytes of an upload.

    Returns
    -------
    Outcome
        Of a `Source`, or what is wrong with it.
    """
    names = [unquote(file.name) for file in files]
    if len(files) == 1 and "/" not in names[0]:
        path = session.place_for(files[0].name)
        await files[0].save(path)
        if path.suffix == ".zip":
            return await work(_unpacked, path, files[0].name, limit)
        return Outcome(Source(path, files[0].name))
    folder = session.place_for("")
    try:
        for file, name in zip(files, names, strict=True):
            await file.save(place_in(folder, name))
    except (ValueError, OSError) as error:
        return Outcome(error=str(error))
    return Outcome(_recording_in(folder, f"{names[0]} and {len(names) - 1} more"))


def _unpacked(archive, name, limit):
    folder = archive.with_suffix("")
    unpack(archive, folder, UNPACKED * limit)
    archive.unlink()
    return _recording_in(folder, Path(name).stem)


def unpack(archive: Path, folder: Path, most_bytes: int) -> None:
    """Unpack a .zip archive.

    Parameters
    ----------
    archive, folder : Path
        Nothing is written but files in the folder.
    most_bytes : int
        That the files may have.

    Raises
    ------
    ValueError
        If the archive is damaged or encrypted, too large, holds no or too many files, links, or names that
        lead out of the folder.
    """
    try:
        with zipfile.ZipFile(archive) as held:
            inside = [each for each in held.infolist() if not each.is_dir() and _is_wanted(each.filename)]
            _check(inside, most_bytes)
            for each in inside:
                path = place_in(folder, each.filename)
                path.parent.mkdir(parents=True, exist_ok=True)
                with held.open(each) as source, open(path, "xb") as target:  # gives no more than it declares
                    shutil.copyfileobj(source, target)
    except _DAMAGE as error:
        raise ValueError(
            f"the archive is damaged, or packed in a way that is not read ({error}): pack it again, as a "
            "plain .zip"
        ) from error


def _check(inside, most_bytes):
    """What an archive declares, before anything is unpacked."""
    if not 0 < len(inside) <= MOST_FILES:
        raise ValueError(f"the archive holds {len(inside):,} files; from 1 to {MOST_FILES:,} are unpacked")
    if (size := sum(each.file_size for each in inside)) > most_bytes:
        raise ValueError(
            f"the archive holds {size / 1e6:,.0f} MB, of which at most {most_bytes / 1e6:,.0f} are unpacked: "
            "leave out what is not needed, such as raw signals, or start with a larger --max-upload"
        )
    for each in inside:
        if each.flag_bits & 1:
            raise ValueError("the archive is encrypted: pack it again without a password")
        if stat.S_IFMT(each.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ValueError(f"the archive holds a link, {each.filename!r}: pack the file itself")


def place_in(folder: Path, name: str) -> Path:
    """Where a file belongs that is named by its path in a folder.

    Raises
    ------
    ValueError
        If that is not in the folder.
    """
    parts = name.replace("\\", "/").split("/")
    if len(parts) > DEEPEST or any(
        part in ("", ".", "..") or ":" in part or not part.isprintable() for part in parts
    ):
        raise ValueError(f"{name!r} does not name a file in a folder, or in at most {DEEPEST - 1} of them")
    return folder.joinpath(*parts)


def _is_wanted(name):
    return not any(part in LEFT_OUT for part in name.split("/"))


def _recording_in(folder, name):
    """The folder, or what it holds if that is one folder or file."""
    path = folder
    while path.is_dir() and len(inside := list(path.iterdir())) == 1:
        (path,) = inside
    return Source(path, name if path == folder else path.name)
