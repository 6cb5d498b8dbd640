"""What is the same in the header of every neuron for a dynamic clamp."""

from __future__ import annotations

HEAD = """/* Currents of the ion channels of a neuron, for a dynamic clamp.

   {title}.
   {source}.

   C99 without dependencies but math.h, and without allocation. At each sample of the voltage:

       {name}_cell cell;
       {name}_init(&cell, {name}_members[0], 80.0, v);    once: 80 pF, voltage in mV
       nA = {name}_step(&cell, v, 0.02);                  then: voltage in mV, ms until the next sample

   What {name}_step returns is to be injected: minus the ionic currents, in nA, of a cell of that capacitance
   (1 uF/cm2, so that the capacitance is the area). Channels are chosen, at any time, by how much of the
   current of each is injected: 1 adds it, which is so at first, 0 leaves it out, and -1 takes away one that
   the cell has:

       cell.share[{upper}_CHANNEL_{example}] = 0.0;

   The calcium is that of the model, brought in by its own channels, injected or not. A clamp that is too slow
   for the conductance it injects oscillates: from 2 capacitance / conductance on. {name}_step_held
   returns the mean of the current until the next sample, as it will be if the capacitance is as given: with
   it the clamp is stable with any step. What the amplifier injects beside it, in nA, it takes into account if
   it is told: cell.beside = 0.05. */
"""

HELPERS = """
/* x / (exp(x) - 1), which has a limit at 0. */
static inline double {name}_x_over_expm1(double x)
{{
    return fabs(x) < 1e-4 ? 1.0 - x/2.0 + x*x/12.0 : x/expm1(x);
}}

/* What is on its way to its rest, after a step. */
static inline double {name}_relaxed(double x, double rest, double time_constant, double dt)
{{
    return rest + (x - rest)*exp(-dt/time_constant);
}}

/* Two states that turn into each other, after a step. */
static inline void {name}_react(double *source, double *target, double forward, double backward, double dt)
{{
    const double rate = forward + backward, both = *source + *target;
    if (rate > 0.0) {{
        *target = {name}_relaxed(*target, both*forward/rate, 1.0/rate, dt);
        *source = both - *target;
    }}
}}
"""

STEP = """
/* The current to inject (nA) at a voltage (mV): gates are in the middle of the step (ms) that begins. */
static inline double {name}_step({name}_cell *cell, double v, double dt)
{{
    double injected = 0.0;
    int i;
    if (!isfinite(v)) {{
        return 0.0;
    }}
    v = fmin(fmax(v, -{farthest}.0), {farthest}.0);
    {name}_gates(cell, v, dt);
    {name}_currents(cell, v);
{calcium}    for (i = 0; i < {upper}_CHANNELS; i++) {{
        injected += cell->share[i]*cell->current[i];
    }}
    return injected;
}}

/* The same as its mean until the next sample, which lets the clamp be stable with any step. */
static inline double {name}_step_held({name}_cell *cell, double v, double dt)
{{
    const double injected = {name}_step(cell, v, dt);
    double moved = 0.0;
    int i;
    for (i = 0; i < {upper}_CHANNELS; i++) {{
        moved += fmax(cell->share[i], 0.0)*cell->slope[i]*dt; /* what is taken away, the cell has itself */
    }}
    moved = fmax(moved, -1.0);
    if (fabs(moved) > 1e-9) {{
        const double left = -expm1(-moved)/moved;
        return injected*left - cell->beside*(1.0 - left);
    }}
    return injected;
}}
"""
