"""How networks are optimised: the rate rises to its height, then falls as a cosine."""

from __future__ import annotations


def compile_model(model, loss, steps, *, rate, weight_decay) -> None:
    """Give a Keras model its loss and its optimiser for so many steps of training."""
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps, alpha=1e-4, warmup_target=rate, warmup_steps=steps // 20
    )
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=weight_decay, clipnorm=1.0), loss)
