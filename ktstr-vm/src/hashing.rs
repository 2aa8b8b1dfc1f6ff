//! Copies that are hashed on the way, so that what is used and what is hashed are the same bytes.

use crate::image::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

/// How much is copied at once, in bytes.
const PART: usize = 256 << 10;

/// Hands all of `from` to `to`, part by part; the SHA-256 of it, in lower-case hex.
///
/// # Errors
/// Those of `from` and `to`.
pub(crate) fn copy(
    mut from: impl Read,
    mut to: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<String> {
    let (mut hash, mut part) = (Sha256::new(), vec![0; PART]);
    loop {
        match from.read(&mut part) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(len) => {
                hash.update(&part[..len]);
                to(&part[..len])?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads an open file from its start, wherever others that share the descriptor are in it.
pub(crate) struct FromStart {
    file: File,
    at: u64,
}

impl FromStart {
    pub(crate) fn of(file: File) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for FromStart {
    fn read(&mut self, part: &mut [u8]) -> std::io::Result<usize> {
        let len = self.file.read_at(part, self.at)?;
        self.at += len as u64;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_what_is_hashed() {
        let bytes: Vec<u8> = (0..PART * 2 + 7).map(|at| (at % 251) as u8).collect();
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(&bytes, 0).unwrap();
        let expected = hex(&Sha256::digest(&bytes));
        for _ in 0..2 {
            let mut seen = Vec::new();
            let hash = copy(FromStart::of(file.try_clone().unwrap()), |part| {
                seen.extend_from_slice(part);
                Ok(())
            });
            assert_eq!((hash.unwrap(), &seen), (expected.clone(), &bytes));
        }
    }
}
