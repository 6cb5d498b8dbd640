"""Constants of the one rule by which trains are classed and compared; see `bursts` and `firing`."""

import math

#: Spikes of a train that is not silent, at least.
FEWEST_SPIKES = 3
#: Long intervals end bursts if their median is this many times that of the short ones; an exact double
#: counts, whatever its logarithm rounds to.
LOG_SEPARATION = math.log(2.0) - 1e-9
#: A train of one kind of interval is tonic up to this CV2.
TONIC_CV2 = 0.3
#: A train with bursts is bursting up to this CV of the intervals between their onsets.
BURSTING_CV = 0.5
#: Largest difference in CV2, and the smallest tolerance on the number of spikes in a burst.
CV2_TOLERANCE, SPIKES_TOLERANCE = 0.15, 1.0
#: The quantiles of the intervals of irregular trains may differ by so many times the tolerance.
QUANTILE_TOLERANCE = 2.0
