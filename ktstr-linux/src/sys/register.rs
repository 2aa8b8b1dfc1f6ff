//! One byte written where only memory accesses reach: the registers of a device, which sysfs shows as a file
//! to be mapped.

use rustix::fd::AsRawFd;
use rustix::io::Errno;
use std::fs::File;

/// Bytes of a page on the machines that have such files.
const PAGE: usize = 4096;

/// Writes `value` as the first byte of `file` by one access to memory. `file` has to be open for reading and
/// writing. The page stays mapped: the write may stop the whole machine, and nothing is to be called between
/// it and what its caller does when the machine goes on.
///
/// # Errors
/// `ENXIO` for an empty file; otherwise those of `mmap(2)`: `EACCES`, `ENODEV`, `ENOMEM`.
pub fn write_register(file: &File, value: u8) -> std::io::Result<()> {
    // Behind the end of a file there is nothing to write to, and an access is a signal that kills.
    if file.metadata()?.len() == 0 {
        return Err(Errno::NXIO.into());
    }
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice changes no memory that is in use.
    let page =
        unsafe { libc::mmap(std::ptr::null_mut(), PAGE, access, libc::MAP_SHARED, file.as_raw_fd(), 0) };
    if page == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: `page` is a mapping of a page that may be written and that no reference points into; a raw
    // volatile access suits memory that others change.
    unsafe { page.cast::<u8>().write_volatile(value) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::OpenOptions;

    #[test]
    fn the_first_byte_is_written_and_an_empty_file_refused() {
        let path = std::env::temp_dir().join(format!("ktstr-register-{}", std::process::id()));
        let open = || OpenOptions::new().read(true).write(true).open(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        let empty = write_register(&open(), 1).map_err(|error| error.raw_os_error());
        std::fs::write(&path, "abc").unwrap();
        let written = write_register(&open(), b'x').map_err(|error| error.raw_os_error());
        let unwritable = write_register(&File::open(&path).unwrap(), 1).map_err(|error| error.raw_os_error());
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((empty, written), (Err(Some(libc::ENXIO)), Ok(())));
        assert_eq!((unwritable, text.as_str()), (Err(Some(libc::EACCES)), "xbc"));
    }
}
