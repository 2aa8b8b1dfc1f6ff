//! What a host gives a guest to do, and what it gets back with all that is needed to do it again. Both are
//! plain values; the guest's side is in `guest`, the host's in `vm`.

use crate::finding::Finding;
use crate::frame::{Machine, Nonce};
use crate::qemu::Accel;
use ktstr_core::Uniform;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Work for one guest. What the text and the arguments mean is between the program on the host and the same
/// program in the guest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Job {
    /// A scenario, as text.
    pub scenario: String,
    /// The seed of the run; it also moves the guest's start against its clock ticks.
    pub seed: u64,
    /// Options for the program.
    pub args: Vec<String>,
    /// Variables added to the guest program's environment.
    pub env: Vec<(String, String)>,
    /// How long it may take by the guest's clock, from its start; 10 minutes where not said. A job that takes
    /// longer is a [`Finding`] of class hang.
    pub limit: Option<Duration>,
    /// What the answer has to bear. Drawn anew for each boot, whatever is said here.
    pub nonce: Nonce,
}

impl Job {
    /// For one that says nothing of it.
    pub(crate) const LIMIT: Duration = Duration::from_secs(600);
}

/// A job that was answered, or a kernel that ended before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmRun {
    /// What the guest program answered; or, where there is no answer because the kernel under test ended, how
    /// it did.
    pub answer: Result<Vec<u8>, Finding>,
    /// The machine as the guest saw it; all 0 where its program had not begun.
    pub machine: Machine,
    /// What the guest program said while it worked, piece by piece, as far as it came through: at most 1 MiB.
    pub progress: Vec<Vec<u8>>,
    /// All that is needed to run it again.
    pub repeat: Repeat,
    /// What the guest wrote to its console, at most the last 64 KiB.
    pub console: String,
    /// Things worth saying: a fallback, and why.
    pub notes: Vec<String>,
    /// Host time from the command to the answer. The only field that differs between two runs of one seed.
    pub elapsed: Duration,
}

/// What a run was made of. Two runs that agree in all of this give the same answer, byte for byte, if
/// [`reproducible`](Self::reproducible) says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// The seed.
    pub seed: u64,
    /// The kernel's release.
    pub kernel_release: String,
    /// SHA-256 of the kernel file as it was shipped.
    pub kernel_sha256: String,
    /// SHA-256 of the file that was booted: the same, or the kernel unpacked from it.
    pub booted_sha256: String,
    /// SHA-256 of the guest's image, which holds the guest program and all payloads.
    pub image_sha256: String,
    /// First line of `qemu --version`.
    pub qemu_version: String,
    /// Where that QEMU comes from: `fetched`, `installed` or `named`.
    pub qemu_origin: String,
    /// Whether some CPUs get more instructions than others in the same counted time.
    pub uneven: bool,
    /// What has to be known to read the run's figures.
    pub warnings: Vec<String>,
    /// What executed the guest's instructions.
    pub accel: Accel,
    /// CPUs, caches and nodes of the guest.
    pub topology: Uniform,
    /// Memory of the guest, in MiB.
    pub memory_mib: u32,
    /// The command, with `KERNEL` (`VMLINUX` for one unpacked), `INITRD`, `CONSOLE` and `OUT` for the files
    /// of the run.
    pub command: Vec<String>,
    /// SHA-256 of the saved state that the guest went on from; none when it was booted.
    pub state_sha256: Option<String>,
    /// How often QEMU executed the guest wrongly before; each attempt is another variation of the same seed,
    /// and which of them fail is as repeatable as the rest.
    pub attempt: u8,
    /// Whether the same again gives the same bytes.
    pub reproducible: bool,
}
