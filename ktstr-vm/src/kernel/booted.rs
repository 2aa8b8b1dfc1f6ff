//! What is booted, by its content: the file is hashed before it is used and looked at again after, so that a
//! report names what ran. A file that was hashed once is only looked at (its inode, size and times of change)
//! as long as that is the same.

use super::Kernel;
use crate::error::{IoContext, VmError};
use crate::image::file_hash;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What changes when a file's content does: device, inode, size, and the times of the last write and the last
/// change in seconds and nanoseconds. The last of them nobody can set.
type Look = [i64; 7];

/// A file that is booted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booted {
    path: PathBuf,
    look: Look,
    /// SHA-256 of its content.
    pub(crate) sha256: String,
}

impl Kernel {
    /// The file that QEMU is given, which is what it was when it came to us.
    ///
    /// # Errors
    /// [`VmError::Changed`], [`VmError::Io`].
    pub(crate) fn booted(&self) -> Result<Booted, VmError> {
        let (path, expected) = match (&self.vmlinux, &self.vmlinux_sha256) {
            (Some(vmlinux), Some(expected)) => (vmlinux, expected),
            _ => (&self.image, &self.sha256),
        };
        let booted = Booted { path: path.clone(), look: look(path)?, sha256: known_hash(path)? };
        if booted.sha256 == *expected {
            return Ok(booted);
        }
        if self.vmlinux.as_ref() == Some(path) {
            // It is unpacked anew from the file that was shipped, which has its own hash.
            drop(std::fs::remove_file(path));
        }
        Err(VmError::Changed { path: path.clone(), expected: expected.clone(), found: booted.sha256 })
    }
}

impl Booted {
    /// Checks that it has not changed since it was hashed.
    ///
    /// # Errors
    /// [`VmError::Changed`], [`VmError::Io`].
    pub(crate) fn is_still(&self) -> Result<(), VmError> {
        if look(&self.path)? == self.look {
            return Ok(());
        }
        let found = known_hash(&self.path)?;
        Err(VmError::Changed { path: self.path.clone(), expected: self.sha256.clone(), found })
    }
}

fn look(path: &Path) -> Result<Look, VmError> {
    let meta = std::fs::metadata(path).at("read", path)?;
    let (dev, ino, size) = (meta.dev() as i64, meta.ino() as i64, meta.size() as i64);
    Ok([dev, ino, size, meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec()])
}

/// The SHA-256 of a file, worked out once as long as it looks the same.
pub(super) fn known_hash(path: &Path) -> Result<String, VmError> {
    static KNOWN: Mutex<BTreeMap<(PathBuf, Look), String>> = Mutex::new(BTreeMap::new());
    let key = (path.to_owned(), look(path)?);
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(hash) = known {
        return Ok(hash);
    }
    let hash = file_hash(path)?;
    // What was changed while it was read is not remembered.
    if look(path)? == key.1 {
        KNOWN.lock().unwrap_or_else(PoisonError::into_inner).insert(key, hash.clone());
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(directory: &Path) -> Kernel {
        let (image, vmlinux) = (directory.join("vmlinuz"), directory.join("vmlinux"));
        std::fs::write(&image, "packed").unwrap();
        std::fs::write(&vmlinux, "unpacked").unwrap();
        Kernel {
            release: "6.12.1".to_owned(),
            sha256: file_hash(&image).unwrap(),
            vmlinux_sha256: Some(file_hash(&vmlinux).unwrap()),
            image,
            vmlinux: Some(vmlinux),
            config: None,
        }
    }

    #[test]
    fn what_is_booted_is_named_by_its_own_hash() {
        let directory = tempfile::tempdir().unwrap();
        let kernel = kernel(directory.path());
        let booted = kernel.booted().unwrap();
        assert_eq!(Some(&booted.sha256), kernel.vmlinux_sha256.as_ref());
        booted.is_still().unwrap();
        let packed = Kernel { vmlinux: None, vmlinux_sha256: None, ..kernel };
        assert_eq!(packed.booted().unwrap().sha256, packed.sha256);
    }

    #[test]
    fn another_content_in_its_place_is_refused_and_removed() {
        let directory = tempfile::tempdir().unwrap();
        let kernel = kernel(directory.path());
        let booted = kernel.booted().unwrap();
        let vmlinux = kernel.vmlinux.clone().unwrap();
        // As long as before.
        std::fs::write(&vmlinux, "UNPACKED").unwrap();
        assert_eq!(booted.is_still().unwrap_err().code(), "V007");
        assert_eq!(kernel.booted().unwrap_err().code(), "V007");
        assert!(!vmlinux.exists() && kernel.image.exists());
    }
}
