//! Four trials side by side: the same IEEE 754 operations by AVX or one by one.

#![allow(
    clippy::inline_always,
    reason = "what is not inlined is compiled for the portable instructions"
)]

/// Operations on four numbers; lanes never mix.
pub(crate) trait Four: Copy {
    /// Four numbers.
    type Numbers: Copy;
    /// Four truths.
    type Mask: Copy;

    fn load(self, values: [f64; 4]) -> Self::Numbers;
    fn store(self, values: Self::Numbers) -> [f64; 4];
    fn mask(self, truths: [bool; 4]) -> Self::Mask;
    fn add(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn sub(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn mul(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    fn div(self, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// a < b; false where one is missing.
    fn less(self, a: Self::Numbers, b: Self::Numbers) -> Self::Mask;
    fn and(self, a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// a where the mask is true, b elsewhere.
    fn select(self, mask: Self::Mask, a: Self::Numbers, b: Self::Numbers) -> Self::Numbers;
    /// A bit a lane.
    fn bits(self, mask: Self::Mask) -> u8;

    #[inline(always)]
    fn splat(self, value: f64) -> Self::Numbers {
        self.load([value; 4])
    }
}

/// One by one.
#[derive(Clone, Copy)]
pub(crate) struct OneByOne;

impl Four for OneByOne {
    type Numbers = [f64; 4];
    type Mask = [bool; 4];

    #[inline(always)]
    fn load(self, values: [f64; 4]) -> [f64; 4] {
        values
    }
    #[inline(always)]
    fn store(self, values: [f64; 4]) -> [f64; 4] {
        values
    }
    #[inline(always)]
    fn mask(self, truths: [bool; 4]) -> [bool; 4] {
        truths
    }
    #[inline(always)]
    fn add(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    fn sub(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| a[i] - b[i])
    }
    #[inline(always)]
    fn mul(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| a[i] * b[i])
    }
    #[inline(always)]
    fn div(self, a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| a[i] / b[i])
    }
    #[inline(always)]
    fn less(self, a: [f64; 4], b: [f64; 4]) -> [bool; 4] {
        std::array::from_fn(|i| a[i] < b[i])
    }
    #[inline(always)]
    fn and(self, a: [bool; 4], b: [bool; 4]) -> [bool; 4] {
        std::array::from_fn(|i| a[i] & b[i])
    }
    #[inline(always)]
    fn select(self, mask: [bool; 4], a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
        std::array::from_fn(|i| if mask[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    fn bits(self, mask: [bool; 4]) -> u8 {
        (0..4).fold(0, |bits, i| bits | u8::from(mask[i]) << i)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use avx::Avx;

#[cfg(target_arch = "x86_64")]
mod avx {
    use std::arch::x86_64::{__m256d, _CMP_LT_OQ};

    use super::Four;

    /// Side by side, in one register.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx(pub pulp::x86::V3);

    impl Four for Avx {
        type Numbers = __m256d;
        type Mask = __m256d;

        #[inline(always)]
        fn load(self, [a, b, c, d]: [f64; 4]) -> __m256d {
            // from registers: a load behind four smaller stores would wait for them
            self.0.avx._mm256_setr_pd(a, b, c, d)
        }
        #[inline(always)]
        fn store(self, values: __m256d) -> [f64; 4] {
            pulp::cast(values)
        }
        #[inline(always)]
        fn mask(self, truths: [bool; 4]) -> __m256d {
            let [a, b, c, d] = truths.map(|truth| if truth { -1 } else { 0 });
            pulp::cast(self.0.avx._mm256_setr_epi64x(a, b, c, d))
        }
        #[inline(always)]
        fn add(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_add_pd(a, b)
        }
        #[inline(always)]
        fn sub(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_sub_pd(a, b)
        }
        #[inline(always)]
        fn mul(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_mul_pd(a, b)
        }
        #[inline(always)]
        fn div(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_div_pd(a, b)
        }
        #[inline(always)]
        fn less(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_cmp_pd::<_CMP_LT_OQ>(a, b)
        }
        #[inline(always)]
        fn and(self, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_and_pd(a, b)
        }
        #[inline(always)]
        fn select(self, mask: __m256d, a: __m256d, b: __m256d) -> __m256d {
            self.0.avx._mm256_blendv_pd(b, a, mask)
        }
        #[inline(always)]
        fn bits(self, mask: __m256d) -> u8 {
            self.0.avx._mm256_movemask_pd(mask) as u8
        }
    }
}
