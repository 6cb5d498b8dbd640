"""Cells of commands shown as in a terminal; remarks of TensorFlow on the machine, and of neo on a header that
pyabf wrote, left out."""

import re

from docutils import nodes

_SHELL = re.compile(r"^%%terminal\n")
_REMARKS = re.compile(
    r"^(WARNING: All log messages before|[IWE]\d{4} |To enable the following instructions"
    r"|nADCSamplingSeq has non-unique|ignoring buggy nTelegraphEnable)"
)


def _tidy(app, doctree):
    for block in list(doctree.findall(nodes.literal_block)):
        text = block.astext()
        if _SHELL.match(text):
            _show_commands(block, _SHELL.sub("", text))
        elif "output" in block["classes"] and any(map(_REMARKS.match, text.splitlines())):
            _drop_remarks(block, text)


def _show_commands(block, text):
    """``$ command``; lines that a backslash continues are one command."""
    lines, begins = [], True
    for line in text.splitlines():
        lines.append(f"$ {line}" if begins else f"  {line}")
        begins = not line.endswith("\\")
    block["language"] = "console"
    block.children = [nodes.Text("\n".join(lines))]
    block.rawsource = "\n".join(lines)


def _drop_remarks(block, text):
    kept = [line for line in text.splitlines() if not _REMARKS.match(line)]
    if not "".join(kept).strip():
        block.parent.remove(block)
        return
    block.children = [nodes.Text("\n".join(kept))]
    block.rawsource = "\n".join(kept)


def setup(app):
    app.connect("doctree-read", _tidy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
