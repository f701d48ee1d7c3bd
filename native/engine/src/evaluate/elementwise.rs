//! Operations on the values of one bar, and crosses, which read the bar before as well.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use super::simd::Simd;
use super::values::{FALSE, MISSING, Number, TRUE};
use crate::graph::{Arithmetic, Comparison};

/// Kleene's and.
#[inline(always)]
pub(super) fn and(a: u8, b: u8) -> u8 {
    if a == FALSE || b == FALSE {
        FALSE
    } else {
        a.max(b)
    }
}

/// Kleene's or.
#[inline(always)]
pub(super) fn or(a: u8, b: u8) -> u8 {
    if a == TRUE || b == TRUE {
        TRUE
    } else {
        a.max(b)
    }
}

/// Kleene's not.
#[inline(always)]
pub(super) fn not(a: u8) -> u8 {
    if a == MISSING { MISSING } else { a ^ TRUE }
}

/// The smaller of two numbers, missing if either is.
#[inline(always)]
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    either(a, b, if a <= b { a } else { b })
}

/// The larger of two numbers, missing if either is.
#[inline(always)]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    either(a, b, if a >= b { a } else { b })
}

#[inline(always)]
fn either(a: f64, b: f64, value: f64) -> f64 {
    if a.is_nan() | b.is_nan() {
        f64::NAN
    } else {
        value
    }
}

/// One of the four operations; what is not finite is missing.
#[inline(always)]
pub(super) fn arithmetic(op: Arithmetic, a: f64, b: f64) -> f64 {
    finite(match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
    })
}

#[inline(always)]
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// One of the four operations at each bar.
pub(super) fn calculate(simd: Simd, op: Arithmetic, a: Number<'_>, b: Number<'_>, out: &mut [f64]) {
    // a branch for each operation outside the loop, so that the loop vectorises
    match op {
        Arithmetic::Add => binary(simd, a, b, out, |x, y| finite(x + y)),
        Arithmetic::Subtract => binary(simd, a, b, out, |x, y| finite(x - y)),
        Arithmetic::Multiply => binary(simd, a, b, out, |x, y| finite(x * y)),
        Arithmetic::Divide => binary(simd, a, b, out, |x, y| finite(x / y)),
    }
}

/// One of the six comparisons at each bar.
#[allow(
    clippy::float_cmp,
    reason = "equality is what the strategy asked for, and it is IEEE 754's"
)]
pub(super) fn compare(simd: Simd, op: Comparison, a: Number<'_>, b: Number<'_>, out: &mut [u8]) {
    match op {
        Comparison::Less => binary(simd, a, b, out, |x, y| known(x, y, x < y)),
        Comparison::LessEqual => binary(simd, a, b, out, |x, y| known(x, y, x <= y)),
        Comparison::Greater => binary(simd, a, b, out, |x, y| known(x, y, x > y)),
        Comparison::GreaterEqual => binary(simd, a, b, out, |x, y| known(x, y, x >= y)),
        Comparison::Equal => binary(simd, a, b, out, |x, y| known(x, y, x == y)),
        Comparison::NotEqual => binary(simd, a, b, out, |x, y| known(x, y, x != y)),
    }
}

#[inline(always)]
fn known(x: f64, y: f64, truth: bool) -> u8 {
    if x.is_nan() | y.is_nan() {
        MISSING
    } else {
        u8::from(truth)
    }
}

/// Applies `op` to each value.
pub(super) fn unary<A: Copy, T>(simd: Simd, a: &[A], out: &mut [T], op: impl Fn(A) -> T + Copy) {
    simd.run(
        #[inline(always)]
        move || {
            for (slot, &x) in out.iter_mut().zip(a) {
                *slot = op(x);
            }
        },
    );
}

/// Applies `op` to each pair of two series.
pub(super) fn pairs<A: Copy, T>(
    simd: Simd,
    a: &[A],
    b: &[A],
    out: &mut [T],
    op: impl Fn(A, A) -> T + Copy,
) {
    simd.run(
        #[inline(always)]
        move || {
            for ((slot, &x), &y) in out.iter_mut().zip(a).zip(b) {
                *slot = op(x, y);
            }
        },
    );
}

/// Applies `op` to each pair; two scalars fill the whole of `out`.
pub(super) fn binary<T: Copy>(
    simd: Simd,
    a: Number<'_>,
    b: Number<'_>,
    out: &mut [T],
    op: impl Fn(f64, f64) -> T + Copy,
) {
    match (a, b) {
        (Number::Scalar(x), Number::Scalar(y)) => out.fill(op(x, y)),
        (Number::Scalar(x), Number::Series(ys)) => unary(simd, ys, out, move |y| op(x, y)),
        (Number::Series(xs), Number::Scalar(y)) => unary(simd, xs, out, move |x| op(x, y)),
        (Number::Series(xs), Number::Series(ys)) => pairs(simd, xs, ys, out, op),
    }
}

/// `a` where the condition is true, `b` where it is false, missing where it is missing.
pub(super) fn choose(simd: Simd, condition: &[u8], a: Number<'_>, b: Number<'_>, out: &mut [f64]) {
    let pick = |condition: u8, x: f64, y: f64| match condition {
        TRUE => x,
        FALSE => y,
        _ => f64::NAN,
    };
    match (a, b) {
        (Number::Scalar(x), Number::Scalar(y)) => {
            unary(simd, condition, out, move |condition| pick(condition, x, y));
        }
        (Number::Scalar(x), Number::Series(ys)) => simd.run(
            #[inline(always)]
            move || {
                for ((slot, &condition), &y) in out.iter_mut().zip(condition).zip(ys) {
                    *slot = pick(condition, x, y);
                }
            },
        ),
        (Number::Series(xs), Number::Scalar(y)) => simd.run(
            #[inline(always)]
            move || {
                for ((slot, &condition), &x) in out.iter_mut().zip(condition).zip(xs) {
                    *slot = pick(condition, x, y);
                }
            },
        ),
        (Number::Series(xs), Number::Series(ys)) => simd.run(
            #[inline(always)]
            move || {
                let series = out.iter_mut().zip(condition).zip(xs).zip(ys);
                for (((slot, &condition), &x), &y) in series {
                    *slot = pick(condition, x, y);
                }
            },
        ),
    }
}

/// Bars that a cross compares at a time.
const STRIDE: usize = 2048;

/// How two series stood to each other on the bar before a tile: whether a > b.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(u8);

impl Before {
    /// Before the first bar all is missing.
    pub fn first_bar() -> Self {
        Self(MISSING)
    }
}

/// Whether `a` crosses above `b`; missing unless all four values are valid.
///
/// Of two valid numbers a ≤ b is the opposite of a > b, so a cross is a comparison that is false
/// on one bar and true on the next.
pub(super) fn crosses_above(
    simd: Simd,
    before: &mut Before,
    a: Number<'_>,
    b: Number<'_>,
    out: &mut [u8],
) {
    let mut above = [MISSING; STRIDE + 1];
    for (stride, slots) in out.chunks_mut(STRIDE).enumerate() {
        let first = stride * STRIDE;
        let bars = slots.len();
        let part = first..first + bars;
        above[0] = before.0;
        let now = &mut above[1..=bars];
        compare(
            simd,
            Comparison::Greater,
            a.part(part.clone()),
            b.part(part),
            now,
        );
        pairs(simd, &above[..bars], &above[1..=bars], slots, crossed);
        before.0 = above[bars];
    }
}

#[inline(always)]
fn crossed(before: u8, now: u8) -> u8 {
    if before == MISSING || now == MISSING {
        MISSING
    } else {
        now & !before
    }
}

#[cfg(test)]
mod tests {
    use super::{Before, and, choose, crosses_above, larger, not, or, smaller};
    use crate::evaluate::{FALSE, MISSING, Number, Simd, TRUE};

    #[test]
    fn kleene_tables() {
        let all = [FALSE, TRUE, MISSING];
        let table = |op: fn(u8, u8) -> u8| all.map(|a| all.map(|b| op(a, b)));
        assert_eq!(
            table(and),
            [
                [FALSE, FALSE, FALSE],
                [FALSE, TRUE, MISSING],
                [FALSE, MISSING, MISSING]
            ]
        );
        assert_eq!(
            table(or),
            [
                [FALSE, TRUE, MISSING],
                [TRUE, TRUE, TRUE],
                [MISSING, TRUE, MISSING]
            ]
        );
        assert_eq!(all.map(not), [TRUE, FALSE, MISSING]);
    }

    #[test]
    fn extremes_of_two() {
        assert_eq!(smaller(1.0, 2.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(larger(1.0, 2.0).to_bits(), 2.0_f64.to_bits());
        for (a, b) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
            assert!(smaller(a, b).is_nan() && larger(a, b).is_nan());
        }
    }

    #[test]
    fn where_picks_by_the_condition() {
        let (a, b) = ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]);
        let numbers = |values| Number::Series(values);
        for simd in [Simd::Auto, Simd::Portable] {
            for (x, y, expected) in [
                (numbers(&a), numbers(&b), [1.0, 5.0]),
                (Number::Scalar(7.0), numbers(&b), [7.0, 5.0]),
                (numbers(&a), Number::Scalar(8.0), [1.0, 8.0]),
                (Number::Scalar(7.0), Number::Scalar(8.0), [7.0, 8.0]),
            ] {
                let mut out = [0.0; 3];
                choose(simd, &[TRUE, FALSE, MISSING], x, y, &mut out);
                assert_eq!(
                    [out[0], out[1]].map(f64::to_bits),
                    expected.map(f64::to_bits)
                );
                assert!(out[2].is_nan());
            }
        }
    }

    #[test]
    fn a_cross_needs_both_bars() {
        let a = [1.0, 3.0, f64::NAN, 3.0, 1.0, 2.0, 3.0];
        let mut before = Before::first_bar();
        let mut out = [9; 7];
        let level = Number::Scalar(2.0);
        crosses_above(Simd::Auto, &mut before, Number::Series(&a), level, &mut out);
        assert_eq!(out, [MISSING, TRUE, MISSING, MISSING, FALSE, FALSE, TRUE]);
        let mut next = [9; 1];
        crosses_above(
            Simd::Auto,
            &mut before,
            Number::Series(&[9.0]),
            level,
            &mut next,
        );
        assert_eq!(next, [FALSE]);
    }
}
