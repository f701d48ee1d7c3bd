//! Eight trials at a time, by whatever instructions the machine has.
//!
//! Every form does the same IEEE 754 operations in the same order, so that results are equal to the
//! bit.

use crate::evaluate::Simd;

/// Trials that are worked on together.
pub(super) const EIGHT: usize = 8;

/// Eight numbers at an address that a register of 64 bytes is loaded from at once.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Row(pub(super) [f64; EIGHT]);

/// Work that is compiled once for each set of instructions.
pub(super) trait Work {
    /// What it gives.
    type Output;

    /// Does it; to be inlined.
    fn with(self, lanes: impl Lanes) -> Self::Output;
}

/// Arithmetic and comparisons of eight numbers.
pub(super) trait Lanes: Copy {
    /// The numbers, in registers.
    type Numbers: Copy;

    /// Reads numbers.
    fn load(self, row: &Row) -> Self::Numbers;
    /// The same number eight times.
    fn all(self, number: f64) -> Self::Numbers;
    /// As an array.
    fn array(self, a: Self::Numbers) -> [f64; EIGHT];
    /// a + b.
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// a · b.
    fn times(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// a ÷ b.
    fn over(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// |a|.
    fn size(self, a: Self::Numbers) -> Self::Numbers;
    /// A bit where a < b, the first number's lowest; none where one is NaN.
    fn less(self, a: Self::Numbers, b: Self::Numbers) -> u32;
    /// A bit where a = b; none where one is NaN.
    fn equal(self, a: Self::Numbers, b: Self::Numbers) -> u32;
}

/// Does work by the chosen instructions.
pub(super) fn run<W: Work>(simd: Simd, work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if simd == Simd::Auto {
        if let Some(v4) = pulp::x86::V4::try_new() {
            return v4.vectorize(
                #[inline(always)]
                move || work.with(v4),
            );
        }
        if let Some(v3) = pulp::x86::V3::try_new() {
            return v3.vectorize(
                #[inline(always)]
                move || work.with(v3),
            );
        }
    }
    match simd {
        Simd::Auto | Simd::Portable => work.with(Portable),
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
impl Lanes for pulp::x86::V4 {
    type Numbers = std::arch::x86_64::__m512d;

    #[inline(always)]
    fn load(self, row: &Row) -> Self::Numbers {
        pulp::cast(row.0)
    }

    #[inline(always)]
    fn all(self, number: f64) -> Self::Numbers {
        pulp::cast([number; EIGHT])
    }

    #[inline(always)]
    fn array(self, a: Self::Numbers) -> [f64; EIGHT] {
        pulp::cast(a)
    }

    #[inline(always)]
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        self.avx512f._mm512_add_pd(a, b)
    }

    #[inline(always)]
    fn times(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        self.avx512f._mm512_mul_pd(a, b)
    }

    #[inline(always)]
    fn over(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        self.avx512f._mm512_div_pd(a, b)
    }

    #[inline(always)]
    fn size(self, a: Self::Numbers) -> Self::Numbers {
        self.avx512f._mm512_abs_pd(a)
    }

    #[inline(always)]
    fn less(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        u32::from(
            self.avx512f
                ._mm512_cmp_pd_mask::<{ std::arch::x86_64::_CMP_LT_OQ }>(a, b),
        )
    }

    #[inline(always)]
    fn equal(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        u32::from(
            self.avx512f
                ._mm512_cmp_pd_mask::<{ std::arch::x86_64::_CMP_EQ_OQ }>(a, b),
        )
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
impl Lanes for pulp::x86::V3 {
    type Numbers = [std::arch::x86_64::__m256d; 2];

    #[inline(always)]
    fn load(self, row: &Row) -> Self::Numbers {
        pulp::cast(row.0)
    }

    #[inline(always)]
    fn all(self, number: f64) -> Self::Numbers {
        pulp::cast([number; EIGHT])
    }

    #[inline(always)]
    fn array(self, a: Self::Numbers) -> [f64; EIGHT] {
        pulp::cast(a)
    }

    #[inline(always)]
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        [
            self.avx._mm256_add_pd(a[0], b[0]),
            self.avx._mm256_add_pd(a[1], b[1]),
        ]
    }

    #[inline(always)]
    fn times(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        [
            self.avx._mm256_mul_pd(a[0], b[0]),
            self.avx._mm256_mul_pd(a[1], b[1]),
        ]
    }

    #[inline(always)]
    fn over(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        [
            self.avx._mm256_div_pd(a[0], b[0]),
            self.avx._mm256_div_pd(a[1], b[1]),
        ]
    }

    #[inline(always)]
    fn size(self, a: Self::Numbers) -> Self::Numbers {
        let sign = pulp::cast([-0.0_f64; 4]);
        [
            self.avx._mm256_andnot_pd(sign, a[0]),
            self.avx._mm256_andnot_pd(sign, a[1]),
        ]
    }

    #[inline(always)]
    fn less(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        let bits = |a, b| {
            let mask = self
                .avx
                ._mm256_cmp_pd::<{ std::arch::x86_64::_CMP_LT_OQ }>(a, b);
            self.avx._mm256_movemask_pd(mask).cast_unsigned()
        };
        bits(a[0], b[0]) | bits(a[1], b[1]) << 4
    }

    #[inline(always)]
    fn equal(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        let bits = |a, b| {
            let mask = self
                .avx
                ._mm256_cmp_pd::<{ std::arch::x86_64::_CMP_EQ_OQ }>(a, b);
            self.avx._mm256_movemask_pd(mask).cast_unsigned()
        };
        bits(a[0], b[0]) | bits(a[1], b[1]) << 4
    }
}

/// What every machine has.
#[derive(Debug, Clone, Copy)]
struct Portable;

impl Portable {
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is called for every eight numbers"
    )]
    #[inline(always)]
    fn pairs(a: [f64; EIGHT], b: [f64; EIGHT], make: impl Fn(f64, f64) -> f64) -> [f64; EIGHT] {
        std::array::from_fn(|lane| make(a[lane], b[lane]))
    }

    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is called for every eight numbers"
    )]
    #[inline(always)]
    fn bits(a: [f64; EIGHT], b: [f64; EIGHT], holds: impl Fn(&f64, &f64) -> bool) -> u32 {
        let pairs = a.iter().zip(&b).enumerate();
        pairs.fold(0, |bits, (lane, (a, b))| {
            bits | u32::from(holds(a, b)) << lane
        })
    }
}

#[allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]
#[allow(clippy::float_cmp, reason = "scores that tie are equal to the bit")]
impl Lanes for Portable {
    type Numbers = [f64; EIGHT];

    #[inline(always)]
    fn load(self, row: &Row) -> Self::Numbers {
        row.0
    }

    #[inline(always)]
    fn all(self, number: f64) -> Self::Numbers {
        [number; EIGHT]
    }

    #[inline(always)]
    fn array(self, a: Self::Numbers) -> [f64; EIGHT] {
        a
    }

    #[inline(always)]
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        Self::pairs(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn times(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        Self::pairs(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn over(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers {
        Self::pairs(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn size(self, a: Self::Numbers) -> Self::Numbers {
        Self::pairs(a, a, |a, _| a.abs())
    }

    #[inline(always)]
    fn less(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        Self::bits(a, b, |a, b| a < b)
    }

    #[inline(always)]
    fn equal(self, a: Self::Numbers, b: Self::Numbers) -> u32 {
        Self::bits(a, b, |a, b| a == b)
    }
}
