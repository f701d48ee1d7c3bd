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
}
