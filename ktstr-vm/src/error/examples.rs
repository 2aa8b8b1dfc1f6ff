//! One error for each code, with words in place of what differs, so that texts and cures can be shown from
//! where they stand.

use super::VmError;
use crate::frame::FrameError;
use std::path::PathBuf;
use std::time::Duration;

/// The errors in the order of their codes. Made for explanations: nothing of it has happened.
pub fn examples() -> Vec<VmError> {
    let word = |word: &str| word.to_owned();
    let path = || PathBuf::from("FILE");
    let (reason, console) = (|| "REASON".to_owned(), String::new);
    let frames = [
        FrameError::Torn { have: 1, want: 2 },
        FrameError::Corrupt { at: 0 },
        FrameError::Oversized { len: 0 },
        FrameError::Version { found: 0 },
        FrameError::Missing,
        FrameError::Flood,
        FrameError::OutOfPlace { what: "WHAT" },
        FrameError::Undecodable { at: 0 },
    ];
    let mut all = vec![
        VmError::KernelNotFound { spec: word("KERNEL"), searched: word("PLACES") },
        VmError::KernelFormat { path: path(), reason: reason() },
        VmError::NoMirror { reason: reason() },
        VmError::Fetch { step: word("STEP"), detail: reason() },
        VmError::PackageContent { package: word("PACKAGE"), missing: word("FILE") },
        VmError::ProgramNotFound { name: word("PROGRAM") },
        VmError::LibraryNotFound { program: path(), library: word("LIBRARY") },
        VmError::ImageTooLarge { image_mib: 0, memory_mib: 0 },
        VmError::Io { action: "read or write", path: path(), source: std::io::Error::other("REASON") },
        VmError::NotPrivate { path: PathBuf::from("DIRECTORY"), reason: reason() },
        VmError::QemuMissing { program: word("PROGRAM") },
        VmError::QemuFailed { status: word("STATUS"), stderr: reason() },
        VmError::QemuKilled { signal: 9, console: console() },
        VmError::KvmUnusable { reason: reason() },
        VmError::Topology { reason: reason() },
        VmError::State { reason: reason() },
        VmError::EmulatorFault { console: console() },
        VmError::Replay { reason: reason() },
        VmError::NoInit { reason: reason(), console: console() },
        VmError::BrokenImage { reason: reason(), console: console() },
        VmError::OutOfMemory { reason: reason(), console: console() },
        VmError::NoStart { after: Duration::ZERO, console: console() },
        VmError::Interrupted,
        VmError::ReleaseMismatch { asked: word("RELEASE"), seen: word("RELEASE") },
        VmError::Changed { path: path(), expected: word("HASH"), found: word("HASH") },
        VmError::Forged { reason: reason() },
        VmError::TopologyMismatch { asked: word("SHAPE"), seen: word("SHAPE") },
        VmError::Guest { reason: reason(), console: console() },
        VmError::NoAnswer { console: console() },
        VmError::Scenario { reason: reason(), invalid: false },
    ];
    all.extend(frames.map(|source| VmError::Frame { source }));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The codes that a source file gives out.
    fn codes(source: &str) -> impl Iterator<Item = &str> {
        let words = source.split('"');
        words.filter(|word| word.len() == 4 && word.starts_with('V') && word[1..].parse::<u16>().is_ok())
    }

    #[test]
    fn every_code_has_one_example() {
        let examples = examples();
        let mut shown: Vec<&str> = examples.iter().map(VmError::code).collect();
        shown.sort_unstable();
        let given: BTreeSet<&str> =
            codes(include_str!("../error.rs")).chain(codes(include_str!("../frame.rs"))).collect();
        assert_eq!(shown, given.into_iter().collect::<Vec<_>>());
    }
}
