//! From an errno or a sentence to a [`Fault`].

use ktstr_core::{Fault, FaultKind};
use rustix::io::Errno;

/// The fault that an errno stands for; `about` says which file or thing.
pub(crate) fn errno_fault(errno: Errno, about: &str) -> Fault {
    let mut fault = Fault::from_errno(errno.raw_os_error(), about);
    if matches!(errno, Errno::MFILE | Errno::NFILE) {
        fault.kind = FaultKind::NoRoom;
    }
    fault
}

/// A fault without an errno.
pub(crate) fn fault(kind: FaultKind, detail: &str) -> Fault {
    Fault::new(kind, detail)
}
