"""Prints, as pip constraints, the oldest versions of the packages that setup.cfg asks for."""

import configparser
import re
from pathlib import Path

config = configparser.ConfigParser()
config.read(Path(__file__).parents[1] / "setup.cfg", encoding="utf-8")
for line in config["options"]["install_requires"].split("\n"):
    found = re.fullmatch(r"([\w-]+)\s*>=\s*([\w.]+).*", line.strip())
    if found:
        print(f"{found[1]}=={found[2]}")
