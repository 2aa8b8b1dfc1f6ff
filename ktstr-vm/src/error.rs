//! Everything that can go wrong between a kernel's name and a guest's answer, as one type with stable codes.
//! What a scenario itself did wrong is no error here: it is inside the answer.

mod codes;

pub use codes::VmCode;

use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// The options that are not set, with the line that sets each.
fn options(config: &std::path::Path, missing: &[&str]) -> String {
    let mut text = format!("the kernel that {} is of lacks what the guest needs:", config.display());
    for option in missing {
        text.push_str(&format!("\n  scripts/config --file {} --enable {option}", config.display()));
    }
    text.push('\n');
    text
}

/// Why a guest could not be built, started, or heard.
///
/// [`code`](Self::code) never changes its meaning; [`cure`](Self::cure) is one sentence on what to do.
#[derive(Debug, Error)]
pub enum VmError {
    /// No kernel of that name, path or release.
    #[error("no kernel `{spec}` among {searched}")]
    KernelNotFound {
        /// What was asked for.
        spec: String,
        /// Where it was looked for.
        searched: String,
    },
    /// The file is there but is no kernel that QEMU could start.
    #[error("{} is no x86-64 kernel: {reason}", path.display())]
    KernelFormat {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A kernel tree has options not set that the guest needs.
    #[error("{}", options(config, missing))]
    KernelOptions {
        /// The tree's configuration.
        config: PathBuf,
        /// The options, without `CONFIG_`.
        missing: Vec<&'static str>,
    },
    /// This machine has no Debian mirror to fetch from.
    #[error("kernels cannot be fetched here: {reason}")]
    NoMirror {
        /// What is missing.
        reason: String,
    },
    /// apt or dpkg failed; `detail` has its last words.
    #[error("{step} failed: {detail}")]
    Fetch {
        /// Which step.
        step: String,
        /// The end of its error output.
        detail: String,
    },
    /// The package does not hold what a kernel package holds.
    #[error("package {package} holds no {missing}")]
    PackageContent {
        /// The package or its file.
        package: String,
        /// What was looked for.
        missing: String,
    },
    /// A program that the scenario names is nowhere on `PATH`.
    #[error("program `{name}` is not on PATH")]
    ProgramNotFound {
        /// Its name.
        name: String,
    },
    /// A shared library that a packed program needs is not on this machine.
    #[error("{} needs {library}, which is in no library directory", program.display())]
    LibraryNotFound {
        /// The program or library that needs it.
        program: PathBuf,
        /// The library's name.
        library: String,
    },
    /// The image would not fit in the guest's memory.
    #[error("the image takes {image_mib} MiB unpacked and the guest has {memory_mib} MiB")]
    ImageTooLarge {
        /// Size of the unpacked image.
        image_mib: u64,
        /// Memory of the guest.
        memory_mib: u32,
    },
    /// A file or directory could not be read or written.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A directory that we would trust is another user's, or others can write to it.
    #[error("{} is not to be trusted: {reason}", path.display())]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Whose it is, or who can write to it.
        reason: String,
    },
    /// There is no QEMU on this machine.
    #[error("there is no QEMU here that starts as `{program}`")]
    QemuMissing {
        /// The program that was looked for.
        program: String,
    },
    /// QEMU ended with an error of its own.
    #[error("QEMU ended with {status}: {stderr}")]
    QemuFailed {
        /// Its exit status.
        status: String,
        /// The end of its error output.
        stderr: String,
    },
    /// Somebody killed QEMU.
    #[error("QEMU was killed by signal {signal}")]
    QemuKilled {
        /// The signal's number.
        signal: i32,
        /// The last console lines.
        console: String,
    },
    /// KVM was asked for and does not get a kernel to start.
    #[error("KVM is not usable: {reason}")]
    KvmUnusable {
        /// What was seen.
        reason: String,
    },
    /// QEMU itself went wrong: the guest's kernel, or a program in it, died of a state that no CPU can be in.
    #[error("QEMU executed the guest wrongly")]
    EmulatorFault {
        /// The last console lines.
        console: String,
    },
    /// A topology that QEMU cannot build.
    #[error("a guest cannot have this topology: {reason}")]
    Topology {
        /// Which rule it breaks.
        reason: String,
    },
    /// The guest's kernel found no program to start.
    #[error("the guest's kernel found no init: {reason}")]
    NoInit {
        /// The kernel's own words.
        reason: String,
        /// The last console lines.
        console: String,
    },
    /// The guest's kernel could not unpack its image.
    #[error("the guest's kernel could not unpack its image: {reason}")]
    BrokenImage {
        /// The kernel's own words.
        reason: String,
        /// The last console lines.
        console: String,
    },
    /// The guest ran out of memory.
    #[error("the guest ran out of memory: {reason}")]
    OutOfMemory {
        /// The kernel's own words.
        reason: String,
        /// The last console lines.
        console: String,
    },
    /// The guest program did not begin in time. One that has begun and gives no answer is a
    /// [`Finding`](crate::Finding).
    #[error("the guest program did not begin within {after:?} of {clock}")]
    NoStart {
        /// How long it was given.
        after: Duration,
        /// By which clock, in words.
        clock: &'static str,
        /// The last console lines.
        console: String,
    },
    /// The caller ended the run.
    #[error("interrupted")]
    Interrupted,
    /// Another kernel runs than the one that was to be booted.
    #[error("the kernel was to be {asked}, and the guest runs {seen}")]
    ReleaseMismatch {
        /// Its release by the kernel file.
        asked: String,
        /// What the guest reported.
        seen: String,
    },
    /// A file of the cache is no longer what was put there, or changed while it was booted.
    #[error("{} is not what it was: its SHA-256 is {found}, and it was {expected}", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What it was when it was put there.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The answer is not to what was asked.
    #[error("the guest's answer is not to what was asked: {reason}")]
    Forged {
        /// What does not fit.
        reason: String,
    },
    /// The guest sees other CPUs or nodes than were asked for.
    #[error("asked for {asked}, and the guest sees {seen}")]
    TopologyMismatch {
        /// What was asked for.
        asked: String,
        /// What the guest reported.
        seen: String,
    },
    /// The guest program could not do its work.
    #[error("the guest program failed: {reason}")]
    Guest {
        /// Its own words.
        reason: String,
        /// The last console lines.
        console: String,
    },
    /// The guest ended without an answer and said nothing of why.
    #[error("the guest ended without an answer")]
    NoAnswer {
        /// The last console lines.
        console: String,
    },
    /// What came over the channel is no whole frame.
    #[error("the guest's answer is unusable: {source}")]
    Frame {
        /// What is wrong with it.
        #[from]
        source: crate::frame::FrameError,
    },
    /// The guest, as a machine, cannot carry the scenario.
    #[error("the guest cannot carry the scenario: {reason}")]
    Scenario {
        /// What speaks against it.
        reason: String,
        /// Whether the scenario is to blame, and not the kernel.
        invalid: bool,
    },
    /// A report that cannot be run again.
    #[error("the report cannot be run again: {reason}")]
    Replay {
        /// What is missing.
        reason: String,
    },
    /// A saved state could not be made or used.
    #[error("the saved state is unusable: {reason}")]
    State {
        /// What is wrong with it.
        reason: String,
    },
}

impl VmError {
    /// Which code it has; what that stands for is [`VmCode::info`].
    #[must_use]
    pub fn kind(&self) -> VmCode {
        match self {
            Self::KernelNotFound { .. } => VmCode::KernelNotFound,
            Self::KernelFormat { .. } => VmCode::KernelFormat,
            Self::KernelOptions { .. } => VmCode::KernelOptions,
            Self::NoMirror { .. } => VmCode::NoMirror,
            Self::Fetch { .. } => VmCode::Fetch,
            Self::PackageContent { .. } => VmCode::PackageContent,
            Self::ProgramNotFound { .. } => VmCode::ProgramNotFound,
            Self::LibraryNotFound { .. } => VmCode::LibraryNotFound,
            Self::ImageTooLarge { .. } => VmCode::ImageTooLarge,
            Self::Io { .. } => VmCode::Io,
            Self::NotPrivate { .. } => VmCode::NotPrivate,
            Self::QemuMissing { .. } => VmCode::QemuMissing,
            Self::QemuFailed { .. } => VmCode::QemuFailed,
            Self::QemuKilled { .. } => VmCode::QemuKilled,
            Self::KvmUnusable { .. } => VmCode::KvmUnusable,
            Self::Topology { .. } => VmCode::Topology,
            Self::State { .. } => VmCode::State,
            Self::EmulatorFault { .. } => VmCode::EmulatorFault,
            Self::Replay { .. } => VmCode::Replay,
            Self::NoInit { .. } => VmCode::NoInit,
            Self::BrokenImage { .. } => VmCode::BrokenImage,
            Self::OutOfMemory { .. } => VmCode::OutOfMemory,
            Self::NoStart { .. } => VmCode::NoStart,
            Self::Interrupted => VmCode::Interrupted,
            Self::TopologyMismatch { .. } => VmCode::TopologyMismatch,
            Self::ReleaseMismatch { .. } => VmCode::ReleaseMismatch,
            Self::Changed { .. } => VmCode::Changed,
            Self::Forged { .. } => VmCode::Forged,
            Self::Guest { .. } => VmCode::Guest,
            Self::NoAnswer { .. } => VmCode::NoAnswer,
            Self::Scenario { .. } => VmCode::Scenario,
            Self::Frame { source } => source.kind(),
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().code()
    }

    /// What to do about it, as the end of a sentence.
    #[must_use]
    pub fn cure(&self) -> &'static str {
        self.kind().info().cure
    }

    /// The guest's last console lines, when they are part of the story.
    #[must_use]
    pub fn console(&self) -> Option<&str> {
        match self {
            Self::QemuKilled { console, .. }
            | Self::NoInit { console, .. }
            | Self::BrokenImage { console, .. }
            | Self::OutOfMemory { console, .. }
            | Self::NoStart { console, .. }
            | Self::Guest { console, .. }
            | Self::EmulatorFault { console }
            | Self::NoAnswer { console } => Some(console),
            _ => None,
        }
    }
}

/// Turns an I/O result into ours, naming what was tried and on what.
pub(crate) trait IoContext<T> {
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, VmError>;
}

impl<T, E: Into<std::io::Error>> IoContext<T> for Result<T, E> {
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, VmError> {
        self.map_err(|source| VmError::Io { action, path: path.into(), source: source.into() })
    }
}
