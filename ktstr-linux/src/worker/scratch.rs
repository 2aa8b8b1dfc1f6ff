//! The file of a worker that reads and writes: without a name, so that nothing stays behind, of 1 MiB, in the
//! directory for temporary files. It is made before the worker is; reading and writing is done in the fork.

use crate::worker::progress::Progress;
use rustix::fs::{Mode, OFlags, fcntl_setfl, open};
use rustix::io::{Errno, ReadWriteFlags, pread, pwrite, pwritev2};
use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Bytes of a block.
pub(crate) const BLOCK: usize = 4096;

/// Bytes of a file.
pub(crate) const BYTES: u64 = 1 << 20;

/// How long one rests that could not read or write, in nanoseconds.
pub(crate) const REST: u64 = 1_000_000;

/// Files for so many workers, in this directory; to be read and written past the page cache where `direct`.
///
/// # Errors
/// `EOPNOTSUPP` where the file system has no files without a name, `EINVAL` where it cannot do without the
/// page cache, `EMFILE`, `ENOSPC`, `EROFS`.
pub(crate) fn files(workers: u32, directory: &Path, direct: bool) -> Result<Vec<OwnedFd>, Errno> {
    let mut flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    flags.set(OFlags::DIRECT, direct);
    (0..workers).map(|_| open(directory, flags, Mode::RUSR | Mode::WUSR)).collect()
}

/// Has the file read and written past the page cache from now on, where the file system can.
pub(crate) fn go_past_the_cache(file: impl AsFd) {
    let _ = fcntl_setfl(file, OFlags::DIRECT);
}

/// Writes a buffer at a place; whether all of it could be.
pub(crate) fn write(file: impl AsFd, bytes: &[u8], at: u64) -> bool {
    pwrite(file, bytes, at) == Ok(bytes.len())
}

/// Writes a buffer at a place, and waits until it is on the device; whether all of it could be.
pub(crate) fn write_through(file: impl AsFd, bytes: &[u8], at: u64) -> bool {
    pwritev2(file, &[IoSlice::new(bytes)], at, ReadWriteFlags::DSYNC) == Ok(bytes.len())
}

/// Reads a buffer from a place; whether all of it could be.
pub(crate) fn read(file: impl AsFd, bytes: &mut [u8], at: u64) -> bool {
    let wanted = bytes.len();
    pread(file, bytes, at) == Ok(wanted)
}

/// Writes the whole file once, less when it is time to stop.
pub(crate) fn fill(file: impl AsFd, block: &[u8], progress: &mut Progress<'_>) {
    let mut at = 0;
    while at < BYTES && !progress.stopped() {
        // Where there is no room for it, what is read later is short, which is seen there.
        let _ = pwrite(&file, block, at);
        at += block.len().max(1) as u64;
        progress.checkpoint();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_no_name_is_left() {
        let directory = std::env::temp_dir().join(format!("ktstr-scratch-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("made");
        let files = files(2, &directory, false).expect("files without a name");
        let (block, mut found) = ([7u8; BLOCK], [0u8; BLOCK]);
        assert!(write(&files[0], &block, 8192) && write_through(&files[0], &block, 0));
        assert!(read(&files[0], &mut found, 8192) && found == block);
        assert!(!read(&files[1], &mut found, 0), "each has its own");
        assert_eq!(std::fs::read_dir(&directory).expect("entries").count(), 0);
        std::fs::remove_dir(&directory).expect("removed");
        assert_eq!(super::files(1, &directory, false).err(), Some(Errno::NOENT));
    }
}
