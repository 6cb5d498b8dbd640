"""What the files of a training folder were made with: an interrupted run goes on only with the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..populations import alone_in, whole_file


@contextmanager
def training_in(folder: Path) -> Iterator[None]:
    """Train in a folder, alone; what a run that was killed has left half written is removed.

    Raises
    ------
    ValueError
        If another process trains there.
    """
    with alone_in(folder, "trains"):
        for part in folder.glob("*/*.part"):
            part.unlink()
        yield


def check_manifest(path: Path, made_with: Mapping[str, Any], files: str) -> None:
    """Write a manifest beside files that are to be made, or find that those there were made with the same.

    Parameters
    ----------
    path : Path
        Of the manifest, a JSON file.
    made_with : mapping
        What JSON can hold.
    files : str
        Pattern of the files in the same folder.

    Raises
    ------
    ValueError
        If the files there were made with something else, or nothing tells with what.
    """
    wanted = json.loads(json.dumps(dict(made_with)))
    there = sorted(path.parent.glob(files))
    if not there:
        _write(path, wanted)
        return
    way_out = f"take another folder, or remove {files} from this one to make them again"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise ValueError("it is no mapping")
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path.parent} holds {len(there)} {files}, but no {path.name} that tells what they were made "
            f"with: {way_out}"
        ) from error
    differ = [key for key in sorted({*known, *wanted}) if known.get(key) != wanted.get(key)]
    if differ:
        listed = "; ".join(f"{key} {known.get(key)!r} there, {wanted.get(key)!r} now" for key in differ)
        raise ValueError(f"{path.parent} holds {files} that were made otherwise ({listed}): {way_out}")


def _write(path, content):
    with whole_file(path) as part:
        part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
