"""What workers in other processes do in the tests: they import it from here."""

import os
import signal
import sys
import time
from pathlib import Path


def square(number):
    return number * number


def square_and_die_once(number, folder, deadly):
    """The first worker to get the deadly number is killed before it is done."""
    mark = Path(folder) / f"killed by {number}"
    if number == deadly and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def loads_tensorflow_to_simulate(table):
    from elephant_dic import get_neuron
    from elephant_dic.simulation import simulate

    simulate(get_neuron("stg"), table, 20.0)
    return "tensorflow" in sys.modules


def write_pid(number, folder):
    """A chunk of a tenth of a second, whose file says who made it."""
    part = Path(folder) / f"{number}.part"
    part.write_text(str(os.getpid()))
    time.sleep(0.1)
    part.rename(Path(folder) / f"{number}.pid")
