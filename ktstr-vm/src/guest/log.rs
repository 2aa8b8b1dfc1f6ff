//! The kernel's own log, from one moment on, record by record as `/dev/kmsg` gives it (the kernel's
//! `Documentation/ABI/testing/dev-kmsg`).

use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

/// The largest record.
const RECORD: usize = 8192;

/// A place in the log.
pub(super) struct Log(File);

impl Log {
    /// Its end; none where the kernel keeps no log.
    pub(super) fn from_now_on() -> Option<Self> {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let mut file = OpenOptions::new().read(true).custom_flags(flags).open("/dev/kmsg").ok()?;
        file.seek(SeekFrom::End(0)).ok()?;
        Some(Self(file))
    }

    /// The texts that have come since.
    pub(super) fn read(&mut self) -> Vec<String> {
        let (mut texts, mut record) = (Vec::new(), vec![0; RECORD]);
        loop {
            match self.0.read(&mut record) {
                Ok(len @ 1..) => {
                    let text = String::from_utf8_lossy(&record[..len]).into_owned();
                    texts.extend(text.split_once(';').map(|(_, text)| text.to_owned()));
                }
                // The kernel has overwritten some; the next read goes on with the oldest there is.
                Err(error) if error.raw_os_error() == Some(Errno::PIPE.raw_os_error()) => {}
                _ => return texts,
            }
        }
    }
}
