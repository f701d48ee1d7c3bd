//! How a caller stops work that goes on.

use crate::error::Result;

/// Asked now and then, with the bars done, whether to go on; it ends the work with an error.
pub type Watch<'w> = &'w (dyn Fn(usize) -> Result<()> + Sync);
