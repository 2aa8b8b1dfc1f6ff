//! Opens a cgroup by its id, wherever it lies. The kernel takes an id in place of a path in a file handle.

use rustix::io::Errno;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// `struct file_handle` of open_by_handle_at(2), with the id that kernfs has in it.
#[repr(C)]
struct Handle {
    bytes: u32,
    kind: i32,
    id: [u8; 8],
}

/// `FILEID_KERNFS`.
const KERNFS: i32 = 0xfe;

/// Opens the directory of this id, on the file system of `mount`.
///
/// # Errors
/// `ESTALE` when there is none any more, `EPERM` without CAP_DAC_READ_SEARCH; `EOPNOTSUPP` and `ENOSYS` where
/// it is not there.
pub(crate) fn open(mount: BorrowedFd<'_>, id: u64) -> Result<OwnedFd, Errno> {
    let mut handle = Handle { bytes: 8, kind: KERNFS, id: id.to_ne_bytes() };
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: `handle` is a whole file_handle that says its own size.
    let fd = unsafe { libc::syscall(libc::SYS_open_by_handle_at, mount.as_raw_fd(), &raw mut handle, flags) };
    match i32::try_from(fd) {
        // SAFETY: the kernel has just made this descriptor for us, and nobody else has it.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::STALE)),
    }
}
