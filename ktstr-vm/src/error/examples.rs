//! One error for each code, with words in place of what differs, so that texts and cures can be shown from where they stand.

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
        VmError::QemuMissing { program: word("PROGRAM") },
        VmError::QemuFailed { status: word("STATUS"), stderr: reason() },
        VmError::QemuKilled { signal: 9, console: console() },
        VmError::KvmUnusable { reason: reason() },
        VmError::Topology { reason: reason() },
        VmError::State { reason: reason() },
        VmError::EmulatorFault { console: console() },
        VmError::Replay { reason: reason() },
        VmError::Panic { reason: reason(), console: console() },
        VmError::NoInit { reason: reason(), console: console() },
        VmError::BrokenImage { reason: reason(), console: console() },
        VmError::OutOfMemory { reason: reason(), console: console() },
        VmError::Hang { after: Duration::ZERO, started: false, console: console() },
        VmError::Interrupted,
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

    /// A number for each kind: a new one does not compile until it has one, and is then missing from the examples.
    fn number(error: &VmError) -> usize {
        match error {
            VmError::KernelNotFound { .. } => 0,
            VmError::KernelFormat { .. } => 1,
            VmError::NoMirror { .. } => 2,
            VmError::Fetch { .. } => 3,
            VmError::PackageContent { .. } => 4,
            VmError::ProgramNotFound { .. } => 5,
            VmError::LibraryNotFound { .. } => 6,
            VmError::ImageTooLarge { .. } => 7,
            VmError::Io { .. } => 8,
            VmError::QemuMissing { .. } => 9,
            VmError::QemuFailed { .. } => 10,
            VmError::QemuKilled { .. } => 11,
            VmError::KvmUnusable { .. } => 12,
            VmError::Topology { .. } => 13,
            VmError::State { .. } => 14,
            VmError::EmulatorFault { .. } => 15,
            VmError::Replay { .. } => 16,
            VmError::Panic { .. } => 17,
            VmError::NoInit { .. } => 18,
            VmError::BrokenImage { .. } => 19,
            VmError::OutOfMemory { .. } => 20,
            VmError::Hang { .. } => 21,
            VmError::Interrupted => 22,
            VmError::TopologyMismatch { .. } => 23,
            VmError::Guest { .. } => 24,
            VmError::NoAnswer { .. } => 25,
            VmError::Scenario { .. } => 26,
            VmError::Frame { source } => {
                27 + match source {
                    FrameError::Torn { .. } => 0,
                    FrameError::Corrupt { .. } => 1,
                    FrameError::Oversized { .. } => 2,
                    FrameError::Version { .. } => 3,
                    FrameError::Missing => 4,
                    FrameError::Undecodable { .. } => 5,
                }
            }
        }
    }

    /// How many there are.
    const KINDS: usize = 33;

    #[test]
    fn every_kind_has_an_example_and_a_code_of_its_own() {
        let examples = examples();
        let numbers: BTreeSet<usize> = examples.iter().map(number).collect();
        assert_eq!(numbers, (0..KINDS).collect());
        let codes: Vec<&str> = examples.iter().map(VmError::code).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "{codes:?}");
    }
}
