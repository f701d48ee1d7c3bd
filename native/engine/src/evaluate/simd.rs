//! Which instructions elementwise loops are compiled to.
//!
//! The loops are plain Rust; under [`Simd::Auto`] they run in a copy that the compiler has
//! vectorised for the widest set the machine has (AVX2 or AVX-512 on x86-64), found at run time.
//! All copies do the same IEEE 754 operations in the same order: nothing is fused, nothing is
//! reassociated.

use crate::flags::WORD;

/// Numbers that are compared at a time.
const EIGHT: usize = 8;

/// The rank of what is missing; others are not negative.
pub(crate) const NO_RANK: i16 = -1;

/// Numbers of which words are made, 64 bars each.
pub(crate) trait Words: Copy {
    /// Eight neighbouring bars of those of a word.
    fn eight(self, word: usize, group: usize) -> [f64; EIGHT];
}

impl Words for &[[f64; WORD]] {
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    fn eight(self, word: usize, group: usize) -> [f64; EIGHT] {
        self[word].as_chunks().0[group]
    }
}

impl Words for f64 {
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    fn eight(self, _: usize, _: usize) -> [f64; EIGHT] {
        [self; EIGHT]
    }
}

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
    /// numbers.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(crate) fn words(
        self,
        count: usize,
        a: impl Words,
        b: impl Words,
        mut put: impl FnMut(usize, u64, u64, u64),
    ) {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Auto {
            if let Some(v4) = pulp::x86::V4::try_new() {
                v4.vectorize(
                    #[inline(always)]
                    move || avx512_words(v4, count, a, b, put),
                );
                return;
            }
            if let Some(v3) = pulp::x86::V3::try_new() {
                v3.vectorize(
                    #[inline(always)]
                    move || avx2_words(v3, count, a, b, put),
                );
                return;
            }
        }
        for i in 0..count {
            let (mut above, mut below, mut known) = (0_u64, 0_u64, 0_u64);
            for group in 0..EIGHT {
                let (a, b) = (a.eight(i, group), b.eight(i, group));
                for lane in 0..EIGHT {
                    let (x, y, bit) = (a[lane], b[lane], group * EIGHT + lane);
                    above |= u64::from(x > y) << bit;
                    below |= u64::from(x < y) << bit;
                    known |= u64::from(!(x.is_nan() | y.is_nan())) << bit;
                }
            }
            put(i, above, below, known);
        }
    }

    /// As [`Self::words`], of ranks.
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled for the portable instructions"
    )]
    #[inline(always)]
    pub(crate) fn rank_words(
        self,
        a: &[[i16; WORD]],
        b: &[[i16; WORD]],
        mut put: impl FnMut(usize, u64, u64, u64),
    ) {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Auto {
            if let Some(v4) = pulp::x86::V4::try_new() {
                v4.vectorize(
                    #[inline(always)]
                    move || avx512_rank_words(v4, a, b, put),
                );
                return;
            }
            if let Some(v3) = pulp::x86::V3::try_new() {
                v3.vectorize(
                    #[inline(always)]
                    move || avx2_rank_words(v3, a, b, put),
                );
                return;
            }
        }
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            let (mut above, mut below, mut missing) = (0_u64, 0_u64, 0_u64);
            for (bit, (&a, &b)) in a.iter().zip(b).enumerate() {
                above |= u64::from(a > b) << bit;
                below |= u64::from(a < b) << bit;
                missing |= u64::from(a | b < 0) << bit;
            }
            put(i, above & !missing, below & !missing, !missing);
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

/// [`Simd::words`] by AVX-512: a comparison of eight numbers gives a byte.
#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn avx512_words(
    v4: pulp::x86::V4,
    count: usize,
    a: impl Words,
    b: impl Words,
    mut put: impl FnMut(usize, u64, u64, u64),
) {
    use std::arch::x86_64::{__m512d, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v4.avx512f;
    for i in 0..count {
        let (mut least, mut most) = ([0; EIGHT], [0; EIGHT]);
        for group in 0..EIGHT {
            let x: __m512d = pulp::cast(a.eight(i, group));
            let y: __m512d = pulp::cast(b.eight(i, group));
            least[group] = avx._mm512_cmp_pd_mask::<_CMP_GE_OQ>(x, y);
            most[group] = avx._mm512_cmp_pd_mask::<_CMP_LE_OQ>(x, y);
        }
        let (least, most) = (u64::from_le_bytes(least), u64::from_le_bytes(most));
        // neither holds where a number is missing
        put(i, least & !most, most & !least, least | most);
    }
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
    a: impl Words,
    b: impl Words,
    mut put: impl FnMut(usize, u64, u64, u64),
) {
    use std::arch::x86_64::{__m256d, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v3.avx;
    let bits = |mask: __m256d| u64::from(avx._mm256_movemask_pd(mask).cast_unsigned());
    for i in 0..count {
        let (mut least, mut most) = (0_u64, 0_u64);
        for group in 0..EIGHT {
            let x: [__m256d; 2] = pulp::cast(a.eight(i, group));
            let y: [__m256d; 2] = pulp::cast(b.eight(i, group));
            for (half, (&x, &y)) in x.iter().zip(&y).enumerate() {
                let shift = group * EIGHT + half * 4;
                least |= bits(avx._mm256_cmp_pd::<_CMP_GE_OQ>(x, y)) << shift;
                most |= bits(avx._mm256_cmp_pd::<_CMP_LE_OQ>(x, y)) << shift;
            }
        }
        // neither holds where a number is missing
        put(i, least & !most, most & !least, least | most);
    }
}

/// [`Simd::rank_words`] by AVX-512: a comparison of 32 ranks gives as many bits.
#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn avx512_rank_words(
    v4: pulp::x86::V4,
    a: &[[i16; WORD]],
    b: &[[i16; WORD]],
    mut put: impl FnMut(usize, u64, u64, u64),
) {
    use std::arch::x86_64::__m512i;
    let (avx, words) = (v4.avx512f, v4.avx512bw);
    let joined = |[low, high]: [u32; 2]| u64::from(high) << 32 | u64::from(low);
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        let (a, b): ([__m512i; 2], [__m512i; 2]) = (pulp::cast(*a), pulp::cast(*b));
        // without `map`, which would not be inlined
        let above = joined([
            words._mm512_cmpgt_epi16_mask(a[0], b[0]),
            words._mm512_cmpgt_epi16_mask(a[1], b[1]),
        ]);
        let below = joined([
            words._mm512_cmpgt_epi16_mask(b[0], a[0]),
            words._mm512_cmpgt_epi16_mask(b[1], a[1]),
        ]);
        // the sign of one that is missing
        let missing = joined([
            words._mm512_movepi16_mask(avx._mm512_or_si512(a[0], b[0])),
            words._mm512_movepi16_mask(avx._mm512_or_si512(a[1], b[1])),
        ]);
        put(i, above & !missing, below & !missing, !missing);
    }
}

/// [`Simd::rank_words`] by AVX2: comparisons of 16 ranks, packed to bytes, and their sign bits.
#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[inline(always)]
fn avx2_rank_words(
    v3: pulp::x86::V3,
    a: &[[i16; WORD]],
    b: &[[i16; WORD]],
    mut put: impl FnMut(usize, u64, u64, u64),
) {
    use std::arch::x86_64::__m256i;
    let avx = v3.avx2;
    // packing takes turns between the halves of both
    let bits = |low: __m256i, high: __m256i| {
        let bytes = avx._mm256_packs_epi16(low, high);
        let bytes = avx._mm256_permute4x64_epi64::<0b11_01_10_00>(bytes);
        u64::from(avx._mm256_movemask_epi8(bytes).cast_unsigned())
    };
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        let (a, b): ([__m256i; 4], [__m256i; 4]) = (pulp::cast(*a), pulp::cast(*b));
        let (mut above, mut below, mut missing) = (0, 0, 0);
        for half in 0..2 {
            let (low, high, shift) = (2 * half, 2 * half + 1, 32 * half);
            above |= bits(
                avx._mm256_cmpgt_epi16(a[low], b[low]),
                avx._mm256_cmpgt_epi16(a[high], b[high]),
            ) << shift;
            below |= bits(
                avx._mm256_cmpgt_epi16(b[low], a[low]),
                avx._mm256_cmpgt_epi16(b[high], a[high]),
            ) << shift;
            missing |= bits(
                avx._mm256_or_si256(a[low], b[low]),
                avx._mm256_or_si256(a[high], b[high]),
            ) << shift;
        }
        put(i, above & !missing, below & !missing, !missing);
    }
}
