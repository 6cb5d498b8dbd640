"""Keras is loaded without TensorFlow's remarks."""

import os
import subprocess
import sys

import pytest

CODE = """
from elephant_dic.training.keras_files import load_keras
load_keras()
import keras, numpy
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(loss="mse")
model.fit(numpy.zeros((4, 1)), numpy.zeros(4), verbose=0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [None, "0"])
def test_tensorflow_says_nothing_unless_it_is_asked_to(chosen):
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": chosen} if chosen else {}
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout) == (0, "")
    assert bool(done.stderr) == bool(chosen)
