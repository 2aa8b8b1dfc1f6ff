//! Finds the program of a payload before anything is started, as a shell would.

use crate::fault::fault;
use ktstr_core::{Fault, FaultKind};
use rustix::fs::{Access, AtFlags, CWD, accessat};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The file of `binary`: itself when it has a slash, else the first that can be executed in the directories
/// of `path`.
///
/// # Errors
/// `NoProgram`, or `NotExecutable` when all there is is a directory or a file without the right to execute
/// it.
pub(crate) fn find(binary: &str, path: &OsStr) -> Result<CString, Fault> {
    let none = || fault(FaultKind::NoProgram, binary);
    if binary.is_empty() || binary.contains('\0') {
        return Err(none());
    }
    let mut found = none();
    let directories: Vec<_> = std::env::split_paths(path).collect();
    let candidates = if binary.contains('/') {
        vec![Path::new(binary).to_owned()]
    } else {
        directories.iter().map(|directory| directory.join(binary)).collect()
    };
    for candidate in candidates {
        let Ok(metadata) = std::fs::metadata(&candidate) else { continue };
        let runs = metadata.is_file() && accessat(CWD, &candidate, Access::EXEC_OK, AtFlags::EACCESS).is_ok();
        if runs {
            return CString::new(candidate.as_os_str().as_bytes()).map_err(|_| none());
        }
        found = fault(FaultKind::NotExecutable, &candidate.to_string_lossy());
    }
    Err(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_as_a_shell_finds_them() {
        let path = OsStr::new("/nonexistent:/usr/bin:/bin");
        let kind = |binary: &str| find(binary, path).map_err(|fault| fault.kind);
        assert!(kind("sh").is_ok());
        assert!(kind("/bin/sh").is_ok());
        for (binary, expected) in [
            ("no-such-program", FaultKind::NoProgram),
            ("/no/such/program", FaultKind::NoProgram),
            ("", FaultKind::NoProgram),
            ("a\0b", FaultKind::NoProgram),
            ("/etc/passwd", FaultKind::NotExecutable),
            ("/bin/", FaultKind::NotExecutable),
        ] {
            assert_eq!(kind(binary), Err(expected), "{binary:?}");
        }
    }
}
