"""What the statements of a mechanism compute: formulae of the voltage, of calcium, and of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..exports import Expression, as_expression, symbol
from .branches import Choice
from .formulas import Refused, bound, called, is_number, nameless, refused, slope_at_zero, symbols_of
from .parsing import Block, Mechanism
from .trees import Formulas

_DEEPEST = 50  # calls in calls
#: mM at which NEURON starts calcium that no INITIAL sets, cai0.
_CALCIUM = 5e-5


@dataclass(frozen=True)
class Kinetic:
    """Two states that turn into each other, by their rates."""

    source: str
    target: str
    forward: Expression
    backward: Expression
    line: int


@dataclass
class Traced:
    """What a mechanism computes. Currents and starting values are by name, slopes by state.

    Each formula is with the line that it is from.
    """

    mechanism: Mechanism
    parameters: dict[str, float]
    currents: dict[str, tuple[Expression, int]] = field(default_factory=dict)
    slopes: dict[str, tuple[Expression, int]] = field(default_factory=dict)
    initial: dict[str, tuple[Expression, int]] = field(default_factory=dict)
    reactions: list[Kinetic] = field(default_factory=list)
    at_rest: bool = False
    calcium: str | None = None
    notes: list[str] = field(default_factory=list)

    def bound(self, expression: Expression) -> Expression:
        """A formula with the values of the parameters."""
        return bound(expression, self.parameters)

    def number(self, expression: Expression) -> float | None:
        """Its value, if it depends on parameters alone."""
        value = self.bound(expression)
        return value.arguments[0] if is_number(value) else None


def traced(mechanism: Mechanism, given: Mapping[str, float]) -> Traced:
    """All that a mechanism computes.

    Parameters
    ----------
    mechanism : Mechanism
    given : mapping of str to float
        Values of names that the file does not have, or that count in place of its own.

    Raises
    ------
    MechanismError
        With the line at which it does something that is no formula.
    """
    try:
        return _Tracer(mechanism, given).run()
    except Refused as error:
        raise mechanism.error(*error.args) from None
    except RecursionError:
        raise mechanism.error(None, "its formulae are nested too deeply") from None


class _Tracer(Formulas):
    def __init__(self, mechanism, given):
        self.mechanism, self.given = mechanism, given
        known = {name: value for name, value in mechanism.parameters.items() if value is not None}
        known |= {
            name: value
            for name, value in given.items()
            if name in mechanism.parameters and not isinstance(value, Expression)
        }
        self.found = Traced(mechanism, known)
        self.values: dict[str, Expression] = {}
        self.lines: dict[str, int] = {}
        self.read = {name for read, _ in mechanism.ions.values() for name in read}
        self.written = {name for _, written in mechanism.ions.values() for name in written}
        self.depth = 0

    def run(self) -> Traced:
        found = self.found
        if start := self.mechanism.block("INITIAL"):
            self._statements(start.statements, {})
            found.initial = {n: (e, self.lines[n]) for n, e in self.values.items()}
            found.slopes, found.reactions = {}, []
            self._forget()
        if step := self.mechanism.block("BREAKPOINT"):
            self._statements(step.statements, {})
        found.calcium = self._calcium()
        if not found.at_rest:
            self._start()
        wanted = [*self.mechanism.nonspecific, *(name for name in self.written if name.startswith("i"))]
        if others := sorted(self.written - {*wanted, "cai"}):
            raise self.mechanism.error(
                self.mechanism.lines[others[0]],
                f"it writes {', '.join(others)}; declared is no concentration but that of calcium inside",
            )
        for name in wanted:
            if name not in self.values:
                raise self.mechanism.error(self.mechanism.lines.get(name), f"{name} is never computed")
        found.currents = {n: (e, self.lines[n]) for n, e in self.values.items() if n in wanted}
        if not (wanted or found.calcium):
            raise self.mechanism.error(None, "it has neither a current nor the concentration of calcium")
        return found

    def _start(self):
        """States that INITIAL does not set start as NEURON has them: m at m0, which is 0 unless given."""
        for name in self.mechanism.states:
            line, first = self.mechanism.lines[name], f"{name}0"
            if name == "cai" != self.found.calcium:
                raise Refused(line, "a STATE cai that is not the calcium of the cell is not read: rename it")
            if name not in self.found.initial:
                # that of an ion is NEURON's, whatever a file says
                value = _CALCIUM if name == "cai" else self.found.parameters.get(first, 0.0)
                self.found.initial[name] = as_expression(self.given.get(first, value)), line
                if name == self.found.calcium and first not in self.given:
                    self._note(line, f"{name} starts at {value:g} mM, as in NEURON; values={{{first!r}: …}}")
            elif name == self.found.calcium and first in self.given and first not in self.mechanism.lines:
                line = self.found.initial[name][1]
                raise Refused(line, f"INITIAL says where {name} starts, so {first} does not count")

    def _calcium(self):
        """The state that is the concentration of calcium, if it is written."""
        if "cai" not in self.written:
            return None
        if "cai" in self.found.slopes:
            return "cai"
        value = self.values.get("cai")
        if value is not None and value.operation == "symbol" and value.arguments[0] in self.found.slopes:
            return value.arguments[0]
        raise self.mechanism.error(self.mechanism.lines["cai"], "cai is written, but no state is it")

    def _forget(self):
        """What INITIAL leaves: numbers stay; formulae were values at the first voltage."""
        for name, value in list(self.values.items()):
            if name in self.mechanism.states or name in self.read or name == "v":
                del self.values[name]
            elif value.operation == "refused" or self._varies(value):
                line = self.lines[name]
                self.values[name] = refused(line, f"{name} is computed at the start alone, of what changes")

    def _varies(self, value):
        return any(not name.startswith("=") for name in symbols_of(value))

    def _statements(self, statements, local):
        for statement in statements:
            getattr(self, f"_do_{statement.data}")(statement, local)

    def _assign(self, name, value, local, line):
        value = called(name, value)
        if name in local:
            local[name] = value
            return
        self.values[name], self.lines[name] = value, line

    def _do_assignment(self, statement, local):
        name, formula = statement.children
        self._assign(str(name), self.value(formula, local), local, name.line)

    def _do_slope(self, statement, local):
        name, formula = statement.children
        if str(name) not in self.mechanism.states:
            raise Refused(name.line, f"{name} is no STATE")
        self.found.slopes[str(name)] = (nameless(self.value(formula, local)), name.line)

    def _do_call(self, statement, local):
        self.value(statement, local)

    def _do_local(self, statement, local):
        names = [str(name) for name in statement.children[0].children]
        local |= {name: refused(statement.meta.line, f"{name} has no value yet") for name in names}

    def _do_table(self, statement, local):
        """It is only faster."""

    def _do_conserve(self, statement, local):
        if not is_number(self.value(statement.children[1], local), 1.0):
            raise Refused(statement.meta.line, "states that do not sum to 1 are not read")

    def _do_rest(self, statement, local):
        self.found.at_rest = True

    def _do_reaction(self, statement, local):
        source, target, *rates = statement.children
        forward, backward = (nameless(self.value(rate, local)) for rate in rates)
        self.found.reactions.append(Kinetic(str(source), str(target), forward, backward, source.line))

    def _do_solve(self, statement, local):
        name = str(statement.children[0])
        block = next((each for each in self.mechanism.blocks if each.name == name), None)
        if block is None:
            raise Refused(statement.meta.line, f"there is no block {name} to solve")
        self._statements(block.statements, {})
        if block.kind == "PROCEDURE":
            self._as_slopes(block)

    def _as_slopes(self, block: Block):
        """States that a procedure moves by a step of time: what they do in no time."""
        for name in self.mechanism.states:
            value = self.values.get(name)
            if value is not None and "dt" in symbols_of(value):
                line = self.lines[name]
                try:
                    self.found.slopes[name] = (slope_at_zero(nameless(value), "dt"), line)
                except Refused:
                    raise Refused(
                        line, f"the step of {name} is no formula of dt that is understood"
                    ) from None
                del self.values[name]

    def _do_choice(self, statement, local):
        _, formula, body, *rest = statement.children
        condition = self.condition(formula, local).with_numbers(self.found.parameters)
        otherwise = rest[1] if len(rest) > 1 else None
        if not condition.symbols():
            self._body(body if condition.holds() else otherwise, local)
            return
        states = []
        for part in (body, otherwise):
            values, slopes, own = dict(self.values), dict(self.found.slopes), dict(local)
            self._body(part, local)
            states.append((self.values, self.found.slopes, dict(local)))
            self.values, self.found.slopes = values, slopes
            local.update(own)
        self._merge(condition, states, local, statement.meta.line)

    def _body(self, part, local):
        if part is None:
            return
        self._statements([part] if part.data == "choice" else part.children, local)

    def _merge(self, condition, states, local, line):
        (then_values, then_slopes, then_local), (values, slopes, own) = states
        if then_slopes != slopes:
            raise Refused(line, "equations of states that depend on a condition are not read")
        for name in {**then_values, **values}:
            chosen = self._chosen(condition, then_values.get(name), values.get(name), name, line)
            self.values[name] = chosen
            self.lines.setdefault(name, line)
        for name in local:
            local[name] = self._chosen(condition, then_local[name], own[name], name, line)

    def _chosen(self, condition, then, otherwise, name, line):
        if then is otherwise:
            return then
        both = [self.named(name, {}, line) if each is None else each for each in (then, otherwise)]
        for each in both:
            if each.operation == "refused":
                return each
        both = [nameless(self.found.bound(each)) for each in both]
        return called(name, Choice(condition, *both, line).meant(self._note))

    def _note(self, line, text):
        self.found.notes.append(f"{self.mechanism.path}, line {line}: {text}")

    def number(self, expression) -> float | None:
        return None if expression.operation == "refused" else self.found.number(expression)

    def named(self, name, local, line) -> Expression:
        if name in local:
            return local[name]
        if name in self.values:
            return self.values[name]
        if name in self.given:
            return as_expression(self.given[name])
        if name in self.mechanism.states or name in ("v", "dt"):
            return symbol(name)
        if name == "celsius":
            return refused(line, "it depends on the temperature: give one, as in temperature=37 * pq.degC")
        if name in self.read:
            if name in ("cai", "ica"):
                return symbol(name)
            return refused(line, f"{name} comes from elsewhere: give it by values={{{name!r}: …}}")
        if name in self.found.parameters:
            return symbol(f"={name}")
        return refused(line, f"{name} has no value: give one by values={{{name!r}: …}}")

    def called(self, name, values, line) -> Expression:
        block = self.mechanism.block("FUNCTION", name) or self.mechanism.block("PROCEDURE", name)
        if block is None:
            return super().called(name, values, line)
        if len(values) != len(block.arguments):
            raise Refused(line, f"{name} takes {len(block.arguments)} arguments, not {len(values)}")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Refused(line, f"{name} calls itself")
        own = dict(zip(block.arguments, values, strict=True))
        own[name] = refused(line, f"{name} gives no value")
        self._statements(block.statements, own)
        self.depth -= 1
        return own[name]
