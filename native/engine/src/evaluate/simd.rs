//! Which instructions elementwise loops are compiled to.
//!
//! The loops are plain Rust; under [`Simd::Auto`] they run in a copy that the compiler has
//! vectorised for the widest set the machine has (AVX2 or AVX-512 on x86-64), found at run time.
//! All copies do the same IEEE 754 operations in the same order: nothing is fused, nothing is
//! reassociated.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

use crate::flags::WORD;

/// Numbers that are compared at a time.
const EIGHT: usize = 8;

/// The rank of what is missing; others are not negative.
pub(crate) const NO_RANK: i16 = -1;

/// Numbers that are compared at a time in single precision.
const SIXTEEN: usize = 16;

/// The numbers of 64 bars in single precision, on a boundary of cache lines. Rounding keeps their
/// order, but may make two of them equal.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Coarse([f32; WORD]);

/// Numbers of which words are made, 64 bars each.
pub(crate) trait Words: Copy {
    /// Whether they are there in single precision too.
    const COARSE: bool;
    /// Eight neighbouring bars of those of a word.
    fn eight(self, word: usize, group: usize) -> [f64; EIGHT];
    /// Sixteen of them in single precision, where they are there.
    fn sixteen(self, word: usize, group: usize) -> [f32; SIXTEEN];
}

impl Words for &[[f64; WORD]] {
    const COARSE: bool = false;

    #[inline(always)]
    fn eight(self, word: usize, group: usize) -> [f64; EIGHT] {
        self[word].as_chunks().0[group]
    }

    #[inline(always)]
    fn sixteen(self, _: usize, _: usize) -> [f32; SIXTEEN] {
        [f32::NAN; SIXTEEN]
    }
}

impl Words for (&[[f64; WORD]], &[Coarse]) {
    const COARSE: bool = true;

    #[inline(always)]
    fn eight(self, word: usize, group: usize) -> [f64; EIGHT] {
        self.0.eight(word, group)
    }

    #[inline(always)]
    fn sixteen(self, word: usize, group: usize) -> [f32; SIXTEEN] {
        self.1[word].0.as_chunks().0[group]
    }
}

impl Words for f64 {
    const COARSE: bool = true;

    #[inline(always)]
    fn eight(self, _: usize, _: usize) -> [f64; EIGHT] {
        [self; EIGHT]
    }

    #[inline(always)]
    fn sixteen(self, _: usize, _: usize) -> [f32; SIXTEEN] {
        [self as f32; SIXTEEN]
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
    #[inline(always)]
    pub(crate) fn run<R>(self, work: impl FnOnce() -> R) -> R {
        match self {
            Self::Auto => pulp::Arch::new().dispatch(work),
            Self::Portable => work(),
        }
    }

    /// The numbers of up to 64 bars in single precision; the rest is missing.
    pub(crate) fn coarse(self, numbers: &[f64]) -> Coarse {
        self.run(
            #[inline(always)]
            || {
                let mut coarse = Coarse([f32::NAN; WORD]);
                for (slot, &number) in coarse.0.iter_mut().zip(numbers) {
                    *slot = number as f32;
                }
                coarse
            },
        )
    }

    /// For each of `count` groups of 64 bars, words of where a > b, where a < b, and where both are
    /// numbers. Where both are known in single precision that decides, unless two are equal there.
    #[inline(always)]
    pub(crate) fn words<A: Words, B: Words>(
        self,
        count: usize,
        a: A,
        b: B,
        mut put: impl FnMut(usize, [u64; 3]),
    ) {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Auto {
            if let Some(v4) = pulp::x86::V4::try_new() {
                v4.vectorize(
                    #[inline(always)]
                    move || {
                        let coarse = |i| avx512_coarse(v4, a, b, i);
                        decide::<A, B>(count, coarse, |i| avx512_fine(v4, a, b, i), put);
                    },
                );
                return;
            }
            if let Some(v3) = pulp::x86::V3::try_new() {
                v3.vectorize(
                    #[inline(always)]
                    move || {
                        let coarse = |i| avx2_coarse(v3, a, b, i);
                        decide::<A, B>(count, coarse, |i| avx2_fine(v3, a, b, i), put);
                    },
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
            put(i, [above, below, known]);
        }
    }

    /// As [`Self::words`], of ranks.
    #[inline(always)]
    pub(crate) fn rank_words(
        self,
        a: &[[i16; WORD]],
        b: &[[i16; WORD]],
        mut put: impl FnMut(usize, [u64; 3]),
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
            put(i, [above & !missing, below & !missing, !missing]);
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

/// Makes words from where a ≥ b and where a ≤ b: neither holds where a number is missing.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn decide<A: Words, B: Words>(
    count: usize,
    coarse: impl Fn(usize) -> [u64; 2],
    fine: impl Fn(usize) -> [u64; 2],
    mut put: impl FnMut(usize, [u64; 3]),
) {
    for i in 0..count {
        let [mut least, mut most] = if A::COARSE && B::COARSE {
            coarse(i)
        } else {
            fine(i)
        };
        if A::COARSE && B::COARSE && least & most != 0 {
            [least, most] = fine(i);
        }
        put(i, [least & !most, most & !least, least | most]);
    }
}

/// Where a ≥ b and where a ≤ b in 64 bars, by AVX-512: a comparison of eight numbers gives a byte.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx512_fine(v4: pulp::x86::V4, a: impl Words, b: impl Words, word: usize) -> [u64; 2] {
    use std::arch::x86_64::{__m512d, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v4.avx512f;
    let (mut least, mut most) = ([0; EIGHT], [0; EIGHT]);
    for group in 0..EIGHT {
        let x: __m512d = pulp::cast(a.eight(word, group));
        let y: __m512d = pulp::cast(b.eight(word, group));
        least[group] = avx._mm512_cmp_pd_mask::<_CMP_GE_OQ>(x, y);
        most[group] = avx._mm512_cmp_pd_mask::<_CMP_LE_OQ>(x, y);
    }
    [u64::from_le_bytes(least), u64::from_le_bytes(most)]
}

/// As [`avx512_fine`], in single precision: sixteen at a time.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx512_coarse(v4: pulp::x86::V4, a: impl Words, b: impl Words, word: usize) -> [u64; 2] {
    use std::arch::x86_64::{__m512, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v4.avx512f;
    let (mut least, mut most) = ([0; WORD / SIXTEEN], [0; WORD / SIXTEEN]);
    for group in 0..WORD / SIXTEEN {
        let x: __m512 = pulp::cast(a.sixteen(word, group));
        let y: __m512 = pulp::cast(b.sixteen(word, group));
        least[group] = u32::from(avx._mm512_cmp_ps_mask::<_CMP_GE_OQ>(x, y));
        most[group] = u64::from(avx._mm512_cmp_ps_mask::<_CMP_LE_OQ>(x, y));
    }
    // joined in two ways: alike they would be joined side by side in a vector, piece by piece
    let [a, b, c, d] = least;
    let least = u64::from(d << SIXTEEN | c) << 32 | u64::from(b << SIXTEEN | a);
    let most = most
        .iter()
        .rev()
        .fold(0, |word, part| word << SIXTEEN | part);
    [least, most]
}

/// As [`avx512_fine`], by AVX: a comparison of four numbers, and its four sign bits.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx2_fine(v3: pulp::x86::V3, a: impl Words, b: impl Words, word: usize) -> [u64; 2] {
    use std::arch::x86_64::{__m256d, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v3.avx;
    let bits = |mask: __m256d| u64::from(avx._mm256_movemask_pd(mask).cast_unsigned());
    let (mut least, mut most) = (0, 0);
    for group in 0..EIGHT {
        let x: [__m256d; 2] = pulp::cast(a.eight(word, group));
        let y: [__m256d; 2] = pulp::cast(b.eight(word, group));
        for (half, (&x, &y)) in x.iter().zip(&y).enumerate() {
            let shift = group * EIGHT + half * 4;
            least |= bits(avx._mm256_cmp_pd::<_CMP_GE_OQ>(x, y)) << shift;
            most |= bits(avx._mm256_cmp_pd::<_CMP_LE_OQ>(x, y)) << shift;
        }
    }
    [least, most]
}

/// As [`avx2_fine`], in single precision: eight at a time.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx2_coarse(v3: pulp::x86::V3, a: impl Words, b: impl Words, word: usize) -> [u64; 2] {
    use std::arch::x86_64::{__m256, _CMP_GE_OQ, _CMP_LE_OQ};
    let avx = v3.avx;
    let bits = |mask: __m256| u64::from(avx._mm256_movemask_ps(mask).cast_unsigned());
    let (mut least, mut most) = (0, 0);
    for group in 0..WORD / SIXTEEN {
        let x: [__m256; 2] = pulp::cast(a.sixteen(word, group));
        let y: [__m256; 2] = pulp::cast(b.sixteen(word, group));
        for (half, (&x, &y)) in x.iter().zip(&y).enumerate() {
            let shift = group * SIXTEEN + half * EIGHT;
            least |= bits(avx._mm256_cmp_ps::<_CMP_GE_OQ>(x, y)) << shift;
            most |= bits(avx._mm256_cmp_ps::<_CMP_LE_OQ>(x, y)) << shift;
        }
    }
    [least, most]
}

/// [`Simd::rank_words`] by AVX-512: a comparison of 32 ranks gives as many bits.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx512_rank_words(
    v4: pulp::x86::V4,
    a: &[[i16; WORD]],
    b: &[[i16; WORD]],
    mut put: impl FnMut(usize, [u64; 3]),
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
        put(i, [above & !missing, below & !missing, !missing]);
    }
}

/// [`Simd::rank_words`] by AVX2: comparisons of 16 ranks, packed to bytes, and their sign bits.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn avx2_rank_words(
    v3: pulp::x86::V3,
    a: &[[i16; WORD]],
    b: &[[i16; WORD]],
    mut put: impl FnMut(usize, [u64; 3]),
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
        put(i, [above & !missing, below & !missing, !missing]);
    }
}
