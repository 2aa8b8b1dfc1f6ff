//! Runs ktstr scenarios on a stock Linux kernel in a virtual machine, without KVM and without root, so that a
//! run repeats to the byte from its seed.
//!
//! [`resolve`] and [`fetch`] find a kernel, [`Image`] packs the guest's file system, [`Vm`] boots both under
//! QEMU and brings back the guest program's answer. [`Vm::run`] does all of that for a scenario. The guest
//! program is the same program as the host's: it calls [`guest_runs_scenarios`] (or [`guest_main`], for jobs
//! of its own) first thing in `main`. This crate never prints; what is to be said is in [`VmRun`] and
//! [`VmError`].
//!
//! ```no_run
//! use ktstr_core::prelude::*;
//! use ktstr_vm::{Cache, Vm, VmError, resolve};
//!
//! static CELL: Scenario = Scenario::new("cell")
//!     .backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell").memory_max(64 << 20)))
//!     .steps(&[Step::hold(HoldSpec::FULL)]);
//!
//! fn main() -> Result<(), VmError> {
//!     ktstr_vm::guest_runs_scenarios(); // in a guest this program goes no further
//!     let kernel = resolve("6.12", &Cache::of_user())?;
//!     let run = Vm::new(kernel).seed(7).run(&CELL)?; // the same again gives the same report
//!     assert_eq!(run.report.verdict, Verdict::Pass);
//!     Ok(())
//! }
//! ```

#![forbid(unsafe_code)]

pub mod clean;
pub mod emulator;
pub mod error;
pub mod explore;
pub mod finding;
pub mod frame;
pub mod guest;
pub mod image;
pub mod job;
pub mod kernel;
pub mod qemu;
pub mod replay;
pub mod scenario;
pub mod vm;

mod apt;
mod elf;
mod flags;
mod hashing;
mod owned;
mod private;
mod state;

pub use clean::clean;
pub use error::VmError;
pub use explore::{Next, explore};
pub use finding::{Bound, Finding};
pub use guest::{guest_main, is_guest_init};
pub use image::{Archive, Image};
pub use job::{Job, Repeat, VmRun};
pub use kernel::{Cache, Kernel, fetch, resolve, resolve_or_newest};
pub use owned::Cleaned;
pub use qemu::Accel;
pub use replay::{Difference, LogEntry, Replay, replay};
pub use scenario::{ScenarioRun, Seeded, boots, guest_runs_scenarios};
pub use vm::Vm;

#[doc(hidden)]
pub use ktstr_linux::before_main;

/// Makes a program whose `main` is not its own, such as a test binary with ordinary `#[test]` functions, its
/// own guest program: as [`guest_runs_scenarios`] does for a `main`. Once, at the top of a file of the
/// program:
///
/// ```no_run
/// ktstr_vm::guest_program!();
/// ```
#[macro_export]
macro_rules! guest_program {
    () => {
        $crate::before_main!($crate::guest_runs_scenarios);
    };
}
