//! Everything that can go wrong between a kernel's name and a guest's answer, as one type with stable codes.
//! What a scenario itself did wrong is no error here: it is inside the answer.

mod examples;

pub use examples::examples;

use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// Why a guest could not be built, started, or heard.
///
/// [`code`](Self::code) never changes its meaning; [`cure`](Self::cure) is one sentence on what to do. Codes
/// `V00x` are about kernels, `V01x` the image, `V02x` QEMU, `V03x` the guest, `V04x` the channel between the
/// two.
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
    #[error("the guest program did not begin within {after:?} of the host's time")]
    NoStart {
        /// How long it was given, in host time.
        after: Duration,
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
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KernelNotFound { .. } => "V001",
            Self::KernelFormat { .. } => "V002",
            Self::NoMirror { .. } => "V003",
            Self::Fetch { .. } => "V004",
            Self::PackageContent { .. } => "V005",
            Self::ProgramNotFound { .. } => "V010",
            Self::LibraryNotFound { .. } => "V011",
            Self::ImageTooLarge { .. } => "V012",
            Self::Io { .. } => "V013",
            Self::NotPrivate { .. } => "V014",
            Self::QemuMissing { .. } => "V020",
            Self::QemuFailed { .. } => "V021",
            Self::QemuKilled { .. } => "V022",
            Self::KvmUnusable { .. } => "V023",
            Self::Topology { .. } => "V024",
            Self::State { .. } => "V025",
            Self::EmulatorFault { .. } => "V026",
            Self::Replay { .. } => "V027",
            Self::NoInit { .. } => "V031",
            Self::BrokenImage { .. } => "V032",
            Self::OutOfMemory { .. } => "V033",
            Self::NoStart { .. } => "V034",
            Self::Interrupted => "V035",
            Self::TopologyMismatch { .. } => "V036",
            Self::ReleaseMismatch { .. } => "V006",
            Self::Changed { .. } => "V007",
            Self::Forged { .. } => "V048",
            Self::Guest { .. } => "V037",
            Self::NoAnswer { .. } => "V038",
            Self::Scenario { .. } => "V039",
            Self::Frame { source } => source.code(),
        }
    }

    /// What to do about it, in one sentence.
    #[must_use]
    pub fn cure(&self) -> &'static str {
        match self {
            Self::KernelNotFound { .. } => {
                "Run `ktstr kernel fetch 6.12` (or `sid`), or give the path of a bzImage or of a Debian kernel package."
            }
            Self::KernelFormat { .. } => {
                "Give an x86-64 bzImage, an uncompressed vmlinux, or a Debian kernel package."
            }
            Self::NoMirror { .. } => {
                "Give the path of a bzImage, with its config beside it as `config-<release>`, instead of a name."
            }
            Self::Fetch { .. } => "Check the network and the machine's apt sources, then fetch again.",
            Self::PackageContent { .. } => {
                "Give a `linux-image-*` package, or fetch the kernel or QEMU again."
            }
            Self::ProgramNotFound { .. } => {
                "Install the program on this machine, or put its directory on PATH."
            }
            Self::LibraryNotFound { .. } => {
                "Install the library on this machine, or use a static build of the program."
            }
            Self::ImageTooLarge { .. } => "Give the guest more memory, or pack fewer files.",
            Self::Io { .. } => "Check that the path exists, that it may be used, and that the disk has room.",
            Self::NotPrivate { .. } => {
                "Name a directory of your own by XDG_CACHE_HOME (or HOME), or make this one yours alone with `chown` and `chmod 700`."
            }
            Self::QemuMissing { .. } => {
                "Run `ktstr qemu fetch`, or install QEMU (on Debian: `apt-get install --no-install-recommends qemu-system-x86`)."
            }
            Self::QemuFailed { .. } => "Read QEMU's words above; the command line is in the report.",
            Self::QemuKilled { .. } => {
                "Find out who killed it (the host's out-of-memory killer is in its kernel log) and run again."
            }
            Self::KvmUnusable { .. } => {
                "Use `--accel tcg`, which is also the only way to a run that repeats."
            }
            Self::Replay { .. } => "Give the JSON report of a run with `--backend vm`.",
            Self::EmulatorFault { .. } => "Take another seed, or another version of QEMU.",
            Self::Topology { .. } => "Ask for at most 255 CPUs and 64 nodes, with no number 0.",
            Self::State { .. } => "Run cold, or delete the saved state and let it be made again.",
            Self::ReleaseMismatch { .. } | Self::Changed { .. } => {
                "Run again: what was damaged has been removed; a kernel is fetched anew by `ktstr kernel fetch`, and one given by a path is yours to look at."
            }
            Self::Forged { .. } => {
                "Look at what the scenario's programs do with the guest: one of them has written to the host in our stead."
            }
            Self::NoInit { .. } => "Give a kernel with initramfs and ELF support built in.",
            Self::BrokenImage { .. } => {
                "Build the image again, and give the guest more memory if it is large."
            }
            Self::OutOfMemory { .. } => {
                "Give the guest more memory, or limit the scenario's workers with `memory.max`."
            }
            Self::NoStart { .. } => {
                "Run again on a host that does less; if it stays, read the console for what the boot hangs on."
            }
            Self::Interrupted => "Run it again.",
            Self::TopologyMismatch { .. } => "Use another QEMU or a simpler topology.",
            Self::Guest { .. } => "Read the reason and the console.",
            Self::Scenario { .. } => "Give the guest another topology or kernel, or change the scenario.",
            Self::NoAnswer { .. } => "Read the console; run again with a longer timeout if it is empty.",
            Self::Frame { .. } => {
                "Run again; if it stays, the guest program and the host program are different builds."
            }
        }
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
