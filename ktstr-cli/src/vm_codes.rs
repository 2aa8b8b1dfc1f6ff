//! One error of the virtual machine for each of its codes, with words in place of what differs, so that `explain` takes
//! texts and cures from where they stand.

use ktstr_vm::VmError;
use ktstr_vm::frame::FrameError;
use std::path::PathBuf;
use std::time::Duration;

/// The errors in the order of their codes.
pub(crate) fn examples() -> Vec<VmError> {
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
