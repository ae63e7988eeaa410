"""Loops written as vectors of 16 lanes: one fixed order of sums, so the same bits on any processor, at its full speed.

What the compiler may not reorder it can't vectorise, and what it vectorises by itself depends on the processor's width.
Vectors of LLVM have the width that is written, and are lowered to what the processor has; nothing is contracted.
"""

from __future__ import annotations

from typing import Any

import numba.core.cgutils  # pyright: ignore[reportMissingTypeStubs]
import numba.extending  # pyright: ignore[reportMissingTypeStubs]
from llvmlite import ir as llvm  # pyright: ignore[reportMissingTypeStubs]
from numba import types as kinds  # pyright: ignore[reportMissingTypeStubs]

ir: Any = llvm
types: Any = kinds
cgutils: Any = numba.core.cgutils
intrinsic: Any = numba.extending.intrinsic

LANES = 16
LINE = 64  # bytes that come from memory at once
AHEAD = 8  # so many rows before its use a row is asked for, where rows are read all over the memory


def _sum_of_lanes(builder: Any, vector: Any) -> Any:
    """Σ of the lanes, by halves."""
    width = LANES
    while width > 1:
        width //= 2
        low = ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(width)))
        high = ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(width, 2 * width)))
        vector = builder.fadd(builder.shuffle_vector(vector, vector, low), builder.shuffle_vector(vector, vector, high))
    return builder.extract_element(vector, ir.IntType(32)(0))


def _product(typing: Any, a: Any, b: Any) -> Any:
    """product(a, b): inner product of b [n] with the first n of a, both float32 and contiguous: 32 running sums."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (context.make_array(t)(context, builder, v) for t, v in zip(signature.args, args, strict=True))
        n = cgutils.unpack_tuple(builder, right.shape, 1)[0]
        word, single = n.type, ir.FloatType()
        lanes = ir.VectorType(single, LANES)
        sums = [cgutils.alloca_once_value(builder, ir.Constant(lanes, [0.0] * LANES)) for _ in range(2)]

        def at(array: Any, place: Any) -> Any:
            value = builder.load(builder.bitcast(builder.gep(array.data, [place]), lanes.as_pointer()))
            value.align = 4
            return value

        def step(place: Any, total: Any) -> None:
            builder.store(builder.fadd(builder.load(total), builder.fmul(at(left, place), at(right, place))), total)

        pairs = builder.udiv(n, word(2 * LANES))
        with cgutils.for_range(builder, pairs) as loop:
            place = builder.mul(loop.index, word(2 * LANES))
            step(place, sums[0])
            step(builder.add(place, word(LANES)), sums[1])
        done = builder.mul(pairs, word(2 * LANES))
        left_over = builder.sub(n, done)
        with builder.if_then(builder.icmp_unsigned(">=", left_over, word(LANES))):
            step(done, sums[0])
        done = builder.mul(builder.udiv(n, word(LANES)), word(LANES))
        total = cgutils.alloca_once_value(
            builder, _sum_of_lanes(builder, builder.fadd(builder.load(sums[0]), builder.load(sums[1])))
        )
        with cgutils.for_range(builder, builder.sub(n, done)) as loop:
            place = builder.add(done, loop.index)
            x, y = (builder.load(builder.gep(array.data, [place])) for array in (left, right))
            builder.store(builder.fadd(builder.load(total), builder.fmul(x, y)), total)
        return builder.load(total)

    return types.float32(a, b), generate


def _fetch(typing: Any, array: Any, at: Any) -> Any:
    """fetch(array, at): ask for a row of a contiguous array [rows, ...] ahead of its use; nothing changes."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, _ = signature.args
        held = context.make_array(kind)(context, builder, args[0])
        shape = cgutils.unpack_tuple(builder, held.shape, kind.ndim)
        size = held.itemsize
        for extent in shape[1:]:
            size = builder.mul(size, extent)
        byte = ir.IntType(8).as_pointer()
        row = builder.sext(args[1], size.type) if args[1].type.width < size.type.width else args[1]
        first = builder.gep(builder.bitcast(held.data, byte), [builder.mul(row, size)])
        prefetch = ir.FunctionType(ir.VoidType(), [byte, *[ir.IntType(32)] * 3])
        ask = cgutils.get_or_insert_function(builder.module, prefetch, "llvm.prefetch.p0i8")
        lines = builder.udiv(builder.add(size, size.type(LINE - 1)), size.type(LINE))
        with cgutils.for_range(builder, lines) as loop:
            place = builder.gep(first, [builder.mul(loop.index, size.type(LINE))])
            builder.call(ask, [place, *(ir.IntType(32)(k) for k in (0, 3, 1))])
        return context.get_dummy_value()

    return types.none(array, at), generate


product: Any = intrinsic(_product)
fetch: Any = intrinsic(_fetch)
