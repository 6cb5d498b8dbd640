"""Each feature by its name, against its definition written plainly."""

import json
from pathlib import Path

import numpy as np
import pytest

import elephant_dic
from elephant_dic.trains import FEATURES, interval_threshold
from elephant_dic.trains.bursts import joined
from elephant_dic.trains.features import describe

NAMES = [feature.name for feature in FEATURES]


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def rng(seed):
    return np.random.default_rng(seed)


BURST = [7, 8, 9, 11, 14, 20.0]  # intervals within one


def bursting(sizes, pauses, start):
    """Bursts of so many spikes and the pauses after them, with slightly other intervals in each burst."""
    parts = [
        [*(isi + 0.3 * k for isi in BURST[: n - 1]), pause]
        for k, (n, pause) in enumerate(zip(sizes, pauses, strict=True))
    ]
    return spikes(np.concatenate(parts), start)


TRAINS = {
    "irregular": [spikes(rng(0).lognormal(3, 0.8, 25), 10)],
    "of one kind": [spikes(rng(1).uniform(50, 90, 31), 20)],
    "drifting": [3 * np.arange(30.0) ** 2 / 29 + 40 * np.arange(30.0) + 0.4 * rng(2).standard_normal(30)],
    "missed and spurious": [np.sort([*np.delete(70 * np.arange(35.0), [4, 11, 12]), 333, 340, 1211])],
    "out of phase": [np.append(60 * np.arange(12.0), 60 * np.arange(12.0) + 12 * 60 + 25)],
    "bursting": [bursting([3, 4, 7, 5, 4, 6, 2, 5], [180, 210, 190, 260, 200, 170, 230, 150], 5)],
    "single spikes": [bursting([3, 1, 2, 1, 4, 1, 3, 2], [150, 90, 120, 130, 100, 160, 110, 140], 0)],
    "sweeps": [
        np.array([5.0]), spikes([50, 58, 44, 61, 47, 52], 3), spikes([57], 4), spikes([48, 60], 7),
        np.array([]), spikes([55, 49, 62, 51], 900),
    ],
    "sweeps of many bursts": [
        bursting([1, 2, 1, 1, 2, 1, 1], [90, 100, 95, 104, 99, 93, 97], 5),
        bursting([2, 1, 2, 1, 1, 1, 1], [92, 103, 96, 98, 107, 94, 101], 800),
        bursting([1, 1, 1, 2, 1, 1, 1], [104, 91, 98, 102, 93, 99, 95], 0),
    ],
    "bursting sweeps": [
        bursting([2, 3, 2], [150, 180, 160], 5), bursting([1, 3, 4], [130, 190, 140], 900),
        spikes([8, 9, 150], 4),
    ],
    "a burst a sweep": [bursting([2, 3], [150, 160], 5), bursting([1, 4], [130, 190], 900)],
    "one interval out of four": [spikes([20, 20, 20, 31.0])],
    "alike": [50.0 * np.arange(20)],
}  # fmt: skip


# The definitions


def plain_features(sweeps):
    """All features but those of bursts and rhythm, which follow."""
    isis = np.concatenate([np.diff(times) for times in sweeps])
    ordered, n = np.sort(isis), len(isis)
    middle = ordered[n // 4 : n - n // 4]
    first, second = neighbours(sweeps, 1)
    steps, sums = (first - second) / (first + second), first + second
    found = {
        "rate": 1000 * n / isis.sum(),
        "isi_sd": np.sqrt(np.mean((isis - isis.mean()) ** 2)),
        "isi_mad": np.median(np.abs(isis - np.median(isis))) / np.median(isis),
        "log_isi_sd": np.log(isis).std(),
        "skewness": np.mean(((isis - isis.mean()) / isis.std()) ** 3) if np.ptp(isis) else 0,
        "cv": isis.std() / isis.mean(),
        "cv2": np.mean(2 * np.abs(steps)),
        "lv": np.mean(3 * steps**2),
        "lvr": np.mean(3 * (1 - 4 * first * second / sums**2) * (1 + 4 * 5.0 / sums)),
        "correlation_1": correlation(*neighbours(sweeps, 1)),
        "correlation_2": correlation(*neighbours(sweeps, 2)),
        "isi_midmean": middle.mean(),
        "isi_mid_sd": middle.std() / middle.mean(),
        "n_intervals": n,
        "long_share": np.mean(isis > 1.5 * np.median(isis)),
        "short_share": np.mean(isis < 0.6 * np.median(isis)),
    }
    percentiles = {"min": 0, "5": 5, "25": 25, "median": 50, "75": 75, "95": 95, "max": 100}
    found |= {f"isi_{name}": np.percentile(isis, q) for name, q in percentiles.items()}
    slopes, weights = [0.0], [0.0]
    for some in map(np.diff, sweeps):
        if len(some) > 1:
            index = np.arange(len(some))
            slopes.append(np.polyfit(index, some / some.mean(), 1)[0])
            weights.append(len(some) * index.var())
    found["trend"] = np.dot(slopes, weights) / sum(weights)
    halves = [
        (some[: len(some) // 2], some[-(len(some) // 2) :]) for some in map(np.diff, sweeps) if len(some) > 1
    ]
    ratios = [np.log(np.median(late) / np.median(early)) for early, late in halves]
    found["drift"] = np.average(ratios, weights=[len(early) for early, _ in halves])
    fits = [
        parabola(np.arange(len(times)), times / found["isi_midmean"]) for times in sweeps if len(times) > 3
    ]
    found["curvature"], found["residual"] = pooled(fits)
    return found


def neighbours(sweeps, lag):
    """Intervals, and those `lag` later in the same sweep."""
    isis = [np.diff(times) for times in sweeps]
    pairs = [(some[i], some[i + lag]) for some in isis for i in range(len(some) - lag)]
    return np.array(pairs).reshape(-1, 2).T


def correlation(first, second):
    return np.corrcoef(first, second)[0, 1] if len(first) > 2 and first.std() * second.std() else 0


def parabola(index, values):
    """Residuals, quadratic coefficient, and its weight: how far the squares are from a straight line."""
    index = index - np.mean(index)
    curve = np.polyfit(index, values, 2)
    bent = index**2 - np.polyval(np.polyfit(index, index**2, 1), index)
    return values - np.polyval(curve, index), curve[0], (bent**2).sum()


def pooled(fits):
    """Relative change of the intervals and size of the residuals, of fits of several sweeps."""
    n_free = sum(len(residuals) - 3 for residuals, _, _ in fits)
    if not n_free:
        return 0, 0
    curvature = np.average([2 * curve for _, curve, _ in fits], weights=[weight for _, _, weight in fits])
    return curvature, np.sqrt(sum((residuals**2).sum() for residuals, _, _ in fits) / n_free)


def plain_rhythm(sweeps, period):
    fits = []
    for times in sweeps:
        index, some = in_phase(times, period)
        for _ in range(2):
            if len(index) < 4:
                break
            residuals = np.abs(parabola(index, some)[0])
            kept = residuals <= 4 * np.median(residuals) + 1e-4
            index, some = index[kept], some[kept]
        if len(some) > 4:
            fits.append(parabola(index, some))
    return *pooled(fits), sum(len(residuals) for residuals, _, _ in fits) / sum(map(len, sweeps))


def in_phase(times, period):
    """Spikes within a fifth of a period of where the last one lets expect them; after two others, any."""
    kept = []  # number of the period, time
    n_out = 0
    for time in times:
        if not kept:
            kept.append((0, time))
            continue
        passed = (time - kept[-1][1]) / period
        if (round(passed) >= 1 and abs(passed - round(passed)) <= 0.2) or n_out == 2:
            kept.append((kept[-1][0] + round(passed), time))
            n_out = 0
        else:
            n_out += 1
    index, some = np.array(kept).reshape(-1, 2).T
    return index, some / period


def bursts_of(sweeps, threshold):
    """The complete bursts of each sweep: lists of spike times."""
    found = []
    for times in sweeps:
        ends = np.flatnonzero(np.diff(times) > threshold) + 1
        found.append(np.split(times, ends)[1:-1] if len(ends) else [])
    return found


def plain_bursts(sweeps, basic, rhythm):
    isis = np.concatenate([np.diff(times) for times in sweeps])
    threshold = interval_threshold(isis)
    by_sweep = bursts_of(sweeps, threshold or np.inf)
    bursts = [burst for some in by_sweep for burst in some]
    longer = [np.diff(burst) for burst in bursts if len(burst) > 1]
    if not longer:
        return without_bursts(basic, rhythm)
    sizes, pauses = np.array([len(burst) for burst in bursts]), isis[isis > threshold]
    onsets = [np.array([burst[0] for burst in some]) for some in by_sweep if some]
    periods = np.concatenate([np.diff(some) for some in onsets])
    typical = (
        np.median(periods) if len(periods) else np.median([np.ptp(b) for b in bursts]) + np.median(pauses)
    )
    places = {
        "first": [burst[0] for burst in longer], "second": [burst[:2][-1] for burst in longer],
        "third": [burst[:3][-1] for burst in longer], "middle": [burst[len(burst) // 2] for burst in longer],
        "penultimate": [burst[-2:][0] for burst in longer], "last": [burst[-1] for burst in longer],
    }  # fmt: skip
    found = {
        "spikes_per_burst": sizes.mean(), "spikes_per_burst_sd": sizes.std(),
        "spikes_per_burst_median": np.median(sizes), "single_share": np.mean(sizes == 1),
        "burst_rate": 1000 / typical, "burst_duration": np.median([burst.sum() for burst in longer]),
        "intra_burst_rate": np.median([1000 * len(burst) / burst.sum() for burst in longer]),
        "pause": np.median(pauses), "pause_cv": pauses.std() / pauses.mean(), "pause_mean": midmean(pauses),
        "period_mad": spread(periods) if len(periods) else 0,
        "period_mean": midmean(periods) if len(periods) else typical,
        "burst_first_mad": spread(places["first"]),
        "log_isi_sd_within": np.log(isis[isis <= threshold]).std(),
    }  # fmt: skip
    found |= {f"burst_{place}": np.median(places[place]) for place in ("first", "second", "middle", "last")}
    for place in ("first", "second", "third", "penultimate", "last"):
        found[f"burst_{place}_mean"] = midmean(places[place])
    return found, plain_rhythm(onsets, found["period_mean"])


def without_bursts(basic, rhythm):
    rate, median, mean = basic["rate"], basic["isi_median"], basic["isi_midmean"]
    places = ["first", "second", "third", "middle", "penultimate", "last"]
    found = {
        "spikes_per_burst": 1, "spikes_per_burst_sd": 0, "spikes_per_burst_median": 1, "single_share": 1,
        "burst_rate": rate, "burst_duration": 0, "intra_burst_rate": rate, "pause": median, "pause_cv": 0,
        "pause_mean": mean, "period_mad": 0, "period_mean": mean, "burst_first_mad": 0,
        "log_isi_sd_within": basic["isi_mid_sd"],
        **{f"burst_{place}": median for place in places}, **{f"burst_{place}_mean": mean for place in places},
    }  # fmt: skip
    return {name: value for name, value in found.items() if name in NAMES}, rhythm


def midmean(values):
    cut = len(values) // 4
    return np.mean(np.sort(values)[cut : len(values) - cut])


def spread(values):
    return np.median(np.abs(values - np.median(values))) / np.median(values)


def plain_and_found(sweeps):
    """Features of a cell, by the definitions above and by the package."""
    basic = plain_features(sweeps)
    rhythm = plain_rhythm(sweeps, basic["isi_median"])
    of_bursts, onsets = plain_bursts(sweeps, basic, rhythm)
    plain = basic | of_bursts
    for prefix, values in (("rhythm", rhythm), ("onset", onsets)):
        plain |= {
            f"{prefix}_{what}": value
            for what, value in zip(("curvature", "residual", "share"), values, strict=True)
        }
    return plain, found_features(sweeps)


def found_features(sweeps):
    """Without dither."""
    (row,) = describe(*joined(sweeps), [len(sweeps)])
    return dict(zip(NAMES, row.tolist(), strict=True))


@pytest.fixture(scope="module")
def tables():
    return {kind: plain_and_found(sweeps) for kind, sweeps in TRAINS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_feature_is_what_its_definition_says(name, tables):
    for kind, (plain, found) in tables.items():
        assert found[name] == pytest.approx(plain[name], rel=1e-9, abs=1e-9), kind


def test_each_feature_has_a_definition_here_and_the_trains_tell_them_apart(tables):
    for plain, _ in tables.values():
        assert set(plain) == set(NAMES)
    columns = np.array([list(found.values()) for _, found in tables.values()]).T
    assert len(np.unique(columns.round(9), axis=0)) == len(NAMES)


def test_intervals_at_the_limits_are_neither_long_nor_short():
    _, found = plain_and_found([spikes([20, 20, 20, 30, 30.5, 12, 11.875])])
    assert found["isi_median"] == 20
    assert found["long_share"] == found["short_share"] == pytest.approx(1 / 7)


def test_a_piece_of_one_interval():
    """As where a simulated cell hardly fires: what takes two intervals is as for equal ones."""
    found = found_features([np.array([10.0, 50])])
    assert {found[name] for name in NAMES if name.startswith("isi_m") and found[name]} == {40}
    assert [found[name] for name in ("isi_5", "isi_25", "isi_75", "isi_95", "pause_mean", "rate")] == [
        40, 40, 40, 40, 40, 25,
    ]  # fmt: skip
    zero = ("isi_sd", "cv", "cv2", "lv", "lvr", "trend", "drift", "skewness", "correlation_1", "residual")
    assert {found[name] for name in zero} == {0}
    assert (found["n_intervals"], found["rhythm_share"]) == (1, 0)
    assert np.isfinite(list(found.values())).all()


# What the networks rest on


def test_networks_know_the_features_by_these_names_in_this_order():
    card = json.loads((Path(elephant_dic.__file__).parent / "weights" / "stg.json").read_text())
    assert card["features"] == NAMES


FLOORS = {
    "rate": 1e-3, "isi_sd": 1e-3, "isi_mad": 1e-5, "log_isi_sd": 1e-5, "cv": 1e-5, "cv2": 1e-5, "lv": 1e-8,
    "lvr": 1e-8, "spikes_per_burst": 0.5, "spikes_per_burst_sd": 0.05, "burst_rate": 1e-3,
    "burst_duration": 1.0, "intra_burst_rate": 1e-3, "pause_cv": 1e-4, "isi_mid_sd": 1e-5, "n_intervals": 1.0,
    "residual": 1e-5, "spikes_per_burst_median": 0.5, "period_mad": 1e-5, "burst_first_mad": 1e-5,
    "log_isi_sd_within": 1e-5, "rhythm_residual": 1e-5, "onset_residual": 1e-5,
}  # fmt: skip
RESOLUTIONS = {
    "skewness": 1.0, "trend": 1e-5, "correlation_1": 1.0, "correlation_2": 1.0, "single_share": 1.0,
    "long_share": 0.1, "short_share": 0.1, "curvature": 1e-5, "drift": 1e-4, "rhythm_curvature": 1e-5,
    "rhythm_share": 0.1, "onset_curvature": 1e-5, "onset_share": 0.1,
}  # fmt: skip


def test_networks_know_the_features_on_these_scales():
    """With others, the networks are to be trained again."""
    assert {f.name: f.resolution for f in FEATURES if f.floor is None} == RESOLUTIONS
    in_ms = {f.name: 0.1 for f in FEATURES if f.unit == "ms"}
    assert {f.name: f.floor for f in FEATURES if f.floor is not None} == in_ms | FLOORS
