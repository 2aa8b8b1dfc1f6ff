//! Removes what killed runs of virtual machines have left: the directories of their files, and states and
//! kernels that were half made. Whose they are, and that nobody uses them, is shown by mark and lock (see
//! `owned`), not by their names.

use crate::error::VmError;
use crate::kernel::Cache;
use crate::owned::{Cleaned, sweep};
use crate::qemu::process::PREFIX;

/// Looks in the directory for temporary files (`TMPDIR`) and in `cache`.
///
/// # Errors
/// [`VmError::NotPrivate`] for a cache of somebody else's, [`VmError::Io`]; what could not be removed is in
/// the answer.
pub fn clean(cache: &Cache) -> Result<Cleaned, VmError> {
    let mut cleaned = Cleaned::default();
    sweep(&std::env::temp_dir(), PREFIX, &mut cleaned);
    cache.sweep(&mut cleaned)?;
    Ok(cleaned)
}
