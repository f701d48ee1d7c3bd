//! Which instructions elementwise loops are compiled to.
//!
//! The loops are plain Rust; under [`Simd::Auto`] they run in a copy that the compiler has
//! vectorised for the widest set the machine has (AVX2 on x86-64), found at run time. Both copies
//! do the same IEEE 754 operations in the same order: nothing is fused, nothing is reassociated.

/// The choice between the vectorised copy and the portable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Simd {
    /// What the machine has.
    #[default]
    Auto,
    /// What every machine of this architecture has.
    Portable,
}

impl Simd {
    /// Runs `work`, compiled for the chosen instructions.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(crate) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Self::Auto => pulp::Arch::new().dispatch(work),
            Self::Portable => work(),
        }
    }

    /// For each of `count` groups of 64 bars, words of where a > b, where a < b, and where both are
    /// numbers; `a` and `b` give four bars at a time.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(crate) fn words(
        self,
        count: usize,
        a: impl Fn(usize) -> [f64; 4],
        b: impl Fn(usize) -> [f64; 4],
        mut put: impl FnMut(usize, u64, u64, u64),
    ) {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Auto
            && let Some(v3) = pulp::x86::V3::try_new()
        {
            v3.vectorize(
                #[inline(always)]
                move || avx2_words(v3, count, a, b, put),
            );
            return;
        }
        for i in 0..count {
            let (mut above, mut below, mut known) = (0_u64, 0_u64, 0_u64);
            for group in 0..16 {
                let (a, b) = (a(i * 16 + group), b(i * 16 + group));
                for lane in 0..4 {
                    let (x, y, bit) = (a[lane], b[lane], group * 4 + lane);
                    above |= u64::from(x > y) << bit;
                    below |= u64::from(x < y) << bit;
                    known |= u64::from(!(x.is_nan() | y.is_nan())) << bit;
                }
            }
            put(i, above, below, known);
        }
    }

    /// The least of `low`, the greatest of `high`, the least and the greatest of `close`, which are
    /// as long as each other and hold no NaN; the order in which they are compared has no effect.
    pub(crate) fn extremes(self, low: &[f64], high: &[f64], close: &[f64]) -> [f64; 4] {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Auto
            && close.len() >= 4
            && let Some(v3) = pulp::x86::V3::try_new()
        {
            return v3.vectorize(
                #[inline(always)]
                move || avx2_extremes(v3, low, high, close),
            );
        }
        portable_extremes(low, high, close, NO_EXTREMES)
    }
}

const NO_EXTREMES: [f64; 4] = [
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

#[inline]
fn portable_extremes(low: &[f64], high: &[f64], close: &[f64], found: [f64; 4]) -> [f64; 4] {
    let [mut bottom, mut top, mut least, mut most] = found;
    for ((&low, &high), &close) in low.iter().zip(high).zip(close) {
        bottom = if low < bottom { low } else { bottom };
        top = if high > top { high } else { top };
        least = if close < least { close } else { least };
        most = if close > most { close } else { most };
    }
    [bottom, top, least, most]
}

/// [`Simd::extremes`] by AVX: four bars at a time; the last four overlap those before, which
/// extremes do not mind.
#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn avx2_extremes(v3: pulp::x86::V3, low: &[f64], high: &[f64], close: &[f64]) -> [f64; 4] {
    use std::arch::x86_64::__m256d;
    let avx = v3.avx;
    let load = |values: &[f64; 4]| -> __m256d { pulp::cast(*values) };
    let (Some(low_end), Some(high_end), Some(close_end)) = (
        low.last_chunk::<4>(),
        high.last_chunk::<4>(),
        close.last_chunk::<4>(),
    ) else {
        return portable_extremes(low, high, close, NO_EXTREMES);
    };
    let (mut bottom, mut top) = (load(low_end), load(high_end));
    let (mut least, mut most) = (load(close_end), load(close_end));
    let rows = low.as_chunks::<4>().0.iter().zip(high.as_chunks::<4>().0);
    for ((low, high), close) in rows.zip(close.as_chunks::<4>().0) {
        let close = load(close);
        bottom = avx._mm256_min_pd(bottom, load(low));
        top = avx._mm256_max_pd(top, load(high));
        least = avx._mm256_min_pd(least, close);
        most = avx._mm256_max_pd(most, close);
    }
    let fold = |lanes: __m256d, pick: fn(f64, f64) -> f64| {
        let [a, b, c, d]: [f64; 4] = pulp::cast(lanes);
        pick(pick(a, b), pick(c, d))
    };
    let (less, more) = (
        |a: f64, b: f64| if b < a { b } else { a },
        |a: f64, b: f64| if b > a { b } else { a },
    );
    [
        fold(bottom, less),
        fold(top, more),
        fold(least, less),
        fold(most, more),
    ]
}

/// [`Simd::words`] by AVX: a comparison of four numbers, and its four sign bits.
#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn avx2_words(
    v3: pulp::x86::V3,
    count: usize,
    a: impl Fn(usize) -> [f64; 4],
    b: impl Fn(usize) -> [f64; 4],
    mut put: impl FnMut(usize, u64, u64, u64),
) {
    use std::arch::x86_64::{__m256d, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v3.avx;
    let bits = |mask: __m256d| u64::from(avx._mm256_movemask_pd(mask).cast_unsigned());
    for i in 0..count {
        let (mut least, mut most) = (0_u64, 0_u64);
        for group in 0..16 {
            let x: __m256d = pulp::cast(a(i * 16 + group));
            let y: __m256d = pulp::cast(b(i * 16 + group));
            let shift = group * 4;
            least |= bits(avx._mm256_cmp_pd::<_CMP_GE_OQ>(x, y)) << shift;
            most |= bits(avx._mm256_cmp_pd::<_CMP_LE_OQ>(x, y)) << shift;
        }
        // neither holds where a number is missing
        put(i, least & !most, most & !least, least | most);
    }
}
