"""How these pages are built: ``sphinx-build -W -b html docs docs/_build/html``.

Nothing is fetched from elsewhere. Every code cell is executed; what it gave is kept in docs/_build until the
package or the page changes.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

from nbclient import NotebookClient

import elephant_dic

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
# Pages that make a vendor's file write it as the tests do.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(HERE.parent / "tests"), os.environ.get("PYTHONPATH")])
)

# The cells run the command `elephant-dic` of this Python, and draw as docs/_ipython says.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
shutil.copytree(HERE / "_ipython", HERE / "_build" / "ipython", dirs_exist_ok=True)  # kernels write there
os.environ["IPYTHONDIR"] = str(HERE / "_build" / "ipython")
os.environ["COLUMNS"] = "80"

project = "elephant_dic"
author = "the elephant_dic developers"
copyright = "2026, the elephant_dic developers"
version = release = elephant_dic.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinxcontrib.bibtex",
    "sphinx_copybutton",
    "cells",
    "mathml",
]
exclude_patterns = ["_build", "_ipython"]
html_theme = "furo"
html_title = "elephant_dic"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_math_renderer = "mathml"
html_theme_options = {"navigation_with_keys": True}
html_show_sphinx = False
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3
bibtex_bibfiles = ["../elephant_dic/references.bib"]
bibtex_reference_style = "author_year"

autosummary_generate = True
_LISTED = (HERE / "api.md").read_text(encoding="utf-8").split()
for _page in (HERE / "api").glob("*.rst"):  # of names that are no longer listed
    if _page.stem.removeprefix("elephant_dic.") not in _LISTED:
        _page.unlink()
autodoc_typehints = "none"
numpydoc_show_class_members = False


def _package_hash():
    """Of all that a cell can call: what was executed with another version is not used again."""
    root = Path(elephant_dic.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in {".py", ".json", ".npz", ".nix"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "executed" / _package_hash())
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 600
NotebookClient.startup_timeout.default_value = 600  # a busy machine takes more than the minute of nbclient
nb_merge_streams = True
