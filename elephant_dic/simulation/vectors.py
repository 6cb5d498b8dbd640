"""Vectors of numbers in compiled code: what one instruction of the processor does to several at once.

Written down as such, since what a compiler makes of loops depends on its version and on small changes of
them. LLVM cuts a vector to what the processor at hand has, down to single numbers.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, register_model

_FAST = ("fast",)
_ALIGNED = 64  # bytes


class Vector(types.Type):
    """`width` numbers of one type."""

    def __init__(self, number, width):
        self.number, self.width = number, width
        super().__init__(name=f"Vector({number}, {width})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        number = manager.lookup(vector.number).get_value_type()
        super().__init__(manager, vector, ir.VectorType(number, vector.width))


def _shuffled(builder, a, b, places):
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), len(places)), list(places)))


def _as_vector(context, builder, value, kind, vector):
    """A value as a vector; a single number is at each of its places."""
    if isinstance(kind, Vector):
        return value
    number = context.cast(builder, value, kind, vector.number)
    nothing = ir.Constant(ir.VectorType(number.type, vector.width), ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    return _shuffled(builder, first, nothing, [0] * vector.width)


def _vector_among(kinds):
    """The vector type of the operands, if they are vectors of one type and numbers."""
    vectors = {kind for kind in kinds if isinstance(kind, Vector)}
    return vectors.pop() if len(vectors) == 1 else None


# --- operators ----------------------------------------------------------------------------------------------


def _operator(symbol, emit, result):
    @infer_global(symbol)
    class _Typing(AbstractTemplate):
        def generic(self, args, kws):
            vector = _vector_among(args)
            return None if vector is None else signature(result(vector), *args)

    def lower(context, builder, sig, args):
        vector = _vector_among(sig.args)
        pairs = zip(args, sig.args, strict=True)
        return emit(builder, *(_as_vector(context, builder, *each, vector) for each in pairs))

    for kinds in (Vector, Vector), (Vector, types.Number), (types.Number, Vector):
        lower_builtin(symbol, *kinds)(lower)


def _arithmetic(name, *symbols):
    def emit(builder, a, b):
        return getattr(builder, name)(a, b, flags=_FAST)

    for symbol in symbols:
        _operator(symbol, emit, lambda vector: vector)


def _comparison(sign, symbol):
    def emit(builder, a, b):
        return builder.fcmp_ordered(sign, a, b)

    _operator(symbol, emit, lambda vector: Vector(types.boolean, vector.width))


_arithmetic("fadd", operator.add, operator.iadd)
_arithmetic("fsub", operator.sub, operator.isub)
_arithmetic("fmul", operator.mul, operator.imul)
_arithmetic("fdiv", operator.truediv, operator.itruediv)
_comparison("<", operator.lt)
_comparison(">=", operator.ge)


# --- memory -------------------------------------------------------------------------------------------------


@intrinsic
def pointer(typing_context, array):
    """Where the numbers of a contiguous array are. Numba counts no references to it, as it does to arrays."""

    def make(context, builder, sig, args):
        return context.make_array(array)(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), make


@intrinsic
def on_stack(typing_context, number, width, rows):
    """Pointer to room for rows of numbers on the stack of the calling function; both tuples are so long."""

    def make(context, builder, sig, args):
        size = max(width.count * rows.count, 1)
        place = cgutils.alloca_once(builder, context.get_value_type(number), size=size)
        place.align = _ALIGNED
        return place

    return types.CPointer(number)(number, width, rows), make


def _place(context, builder, at, offset, vector):
    return builder.bitcast(builder.gep(at, [offset]), context.get_value_type(vector).as_pointer())


def _loaded(context, builder, at, offset, vector):
    value = builder.load(_place(context, builder, at, offset, vector))
    value.align = context.get_abi_sizeof(context.get_data_type(vector.number))
    return value


def _stored(context, builder, at, offset, vector, value):
    instruction = builder.store(value, _place(context, builder, at, offset, vector))
    instruction.align = context.get_abi_sizeof(context.get_data_type(vector.number))
    return context.get_dummy_value()


@intrinsic
def load(typing_context, at, offset, width):
    """So many numbers as the tuple `width` is long, from an offset on."""
    vector = Vector(at.dtype, width.count)

    def make(context, builder, sig, args):
        return _loaded(context, builder, *args[:2], vector)

    return vector(at, types.intp, width), make


@intrinsic
def store(typing_context, at, offset, vector):
    """Write a vector."""

    def make(context, builder, sig, args):
        return _stored(context, builder, *args[:2], vector, args[2])

    return types.void(at, types.intp, vector), make


@intrinsic
def transpose(typing_context, rows, columns, n_rows, n_columns):
    """Write rows as columns; both numbers are given as tuples so long, and multiples of four."""

    def make(context, builder, sig, args):
        four, column = Vector(rows.dtype, 4), Vector(rows.dtype, n_rows.count)

        def at(number):
            return ir.Constant(ir.IntType(64), number)

        def quarter(k, first):
            places = (at(row * n_columns.count + first) for row in range(k, n_rows.count, 4))
            return _joined(builder, [_loaded(context, builder, args[0], place, four) for place in places])

        for first in range(0, n_columns.count, 4):
            transposed = _transposed_fours(builder, [quarter(k, first) for k in range(4)])
            for k, values in enumerate(transposed):
                _stored(context, builder, args[1], at((first + k) * n_rows.count), column, values)
        return context.get_dummy_value()

    return types.void(rows, columns, n_rows, n_columns), make


def _joined(builder, vectors):
    while len(vectors) > 1:
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        vectors = [_shuffled(builder, a, b, range(2 * a.type.count)) for a, b in pairs]
    return vectors[0]


def _transposed_fours(builder, vectors):
    """Four vectors, of which any four numbers beside each other are part of a row, as four columns."""
    n = vectors[0].type.count
    low, high, left, right = (
        [first + place + n * other for first in range(0, n, 4) for place, other in places]
        for places in (
            ((0, 0), (0, 1), (1, 0), (1, 1)),
            ((2, 0), (2, 1), (3, 0), (3, 1)),
            ((0, 0), (1, 0), (0, 1), (1, 1)),
            ((2, 0), (3, 0), (2, 1), (3, 1)),
        )
    )
    a, b, c, d = vectors
    found = []
    for half in (low, high):
        pair = _shuffled(builder, a, b, half), _shuffled(builder, c, d, half)
        found += [_shuffled(builder, *pair, left), _shuffled(builder, *pair, right)]
    return found


# --- functions ----------------------------------------------------------------------------------------------


def _chosen_by(sign):
    @intrinsic
    def choose(typing_context, a, b):
        vector = _vector_among((a, b))

        def make(context, builder, sig, args):
            a, b = (_as_vector(context, builder, *each, vector) for each in zip(args, sig.args, strict=True))
            return builder.select(builder.fcmp_ordered(sign, a, b, flags=_FAST), a, b)

        return vector(a, b), make

    return choose


smaller, larger = _chosen_by("<"), _chosen_by(">")


@intrinsic
def choose(typing_context, condition, a, b):
    """a where the condition holds, else b."""
    vector = _vector_among((a, b))

    def make(context, builder, sig, args):
        pairs = zip(args[1:], (a, b), strict=True)
        return builder.select(args[0], *(_as_vector(context, builder, *each, vector) for each in pairs))

    return vector(condition, a, b), make


@intrinsic
def any_of(typing_context, condition):
    """Whether a condition holds at any place."""

    def make(context, builder, sig, args):
        bits = builder.bitcast(args[0], ir.IntType(condition.width))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(condition), make


def _converted(number, method):
    @intrinsic
    def convert(typing_context, vector):
        result = Vector(number, vector.width)

        def make(context, builder, sig, args):
            return getattr(builder, method)(args[0], context.get_value_type(result))

        return result(vector), make

    return convert


single, double = _converted(types.float32, "fptrunc"), _converted(types.float64, "fpext")
truncated, of_whole = _converted(types.int64, "fptosi"), _converted(types.float64, "sitofp")


def _of_llvm(name):
    @intrinsic
    def call(typing_context, vector):
        def make(context, builder, sig, args):
            kind = args[0].type
            full = f"llvm.{name}.v{kind.count}{kind.element.intrinsic_name}"
            function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind]), full)
            return builder.call(function, args, fastmath=_FAST)

        return vector(vector), make

    return call


absolute = _of_llvm("fabs")


@intrinsic
def exact_sum(typing_context, a, b):
    """a + b as it is rounded, and what the rounding has lost, where |a| >= |b|."""

    def make(context, builder, sig, args):
        total = builder.fadd(*args)
        lost = builder.fsub(args[1], builder.fsub(total, args[0]))
        return context.make_tuple(builder, sig.return_type, (total, lost))

    return types.UniTuple(a, 2)(a, b), make


@intrinsic
def product_of_parts(typing_context, vector, width):
    """The product of the parts of a vector that are as long as the tuple `width`."""
    part = Vector(vector.number, width.count)

    def make(context, builder, sig, args):
        places = (range(first, first + width.count) for first in range(0, vector.width, width.count))
        product, *others = (_shuffled(builder, args[0], args[0], each) for each in places)
        for other in others:
            product = builder.fmul(product, other, flags=_FAST)
        return product

    return part(vector, width), make


@intrinsic
def exponent_and_mantissa(typing_context, vector):
    """Of positive numbers in double precision: x = mantissa * 2**exponent, with mantissas from 1 up to 2."""

    def make(context, builder, sig, args):
        kind = ir.VectorType(ir.IntType(64), vector.width)

        def constant(value):
            return ir.Constant(kind, [value] * vector.width)

        bits = builder.bitcast(args[0], kind)
        exponent = builder.sub(builder.lshr(bits, constant(52)), constant(1023))
        mantissa = builder.or_(builder.and_(bits, constant((1 << 52) - 1)), constant(1023 << 52))
        values = builder.sitofp(exponent, args[0].type), builder.bitcast(mantissa, args[0].type)
        return context.make_tuple(builder, sig.return_type, values)

    return types.UniTuple(vector, 2)(vector), make
