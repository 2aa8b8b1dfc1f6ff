#![forbid(unsafe_code)]
//! A deterministic model of cgroup v2, processes, CPUs and time, and a backend on it.
//!
//! # Unit-test your own scenario and your own backend in microseconds
//!
//! **A scenario.** [`MockBackend`] plays it without root, without a kernel and without waiting: a hold of ten
//! seconds takes no time. It answers with the kernel's errno where the kernel would refuse, and the same seed
//! gives the same report.
//!
//! ```
//! use core::time::Duration;
//! use ktstr_core::execute_scenario;
//! use ktstr_core::prelude::*;
//! use ktstr_mock::MockBackend;
//!
//! const CELLS: Backdrop<'static> = Backdrop::new()
//!     .push_cgroup(CgroupDef::named("left").cpuset(CpusetSpec::disjoint(0, 2)).workers(2))
//!     .push_cgroup(CgroupDef::named("right").cpuset(CpusetSpec::disjoint(1, 2)).workers(2));
//! const STEPS: &[Step<'static>] = &[Step::hold(HoldSpec::FULL)];
//! static SCENARIO: Scenario<'static> = Scenario::new("cells")
//!     .duration(Duration::from_secs(10))
//!     .backdrop(CELLS)
//!     .steps(STEPS)
//!     .checks(Checks::NONE.not_starved().isolation());
//! const _: () = SCENARIO.assert_valid();
//!
//! let mut mock = MockBackend::new(Topology::uniform(1, 2, 2, 1)).seed(7);
//! let report = execute_scenario(&SCENARIO, &mut mock, 7, &mut ()).expect("valid, and the mock has all it needs");
//! assert_eq!(report.verdict, Verdict::Pass);
//! assert_eq!(report.elapsed, Duration::from_secs(10));
//! assert_eq!(report.leftovers, 0);
//! ```
//!
//! **What your programs do** is said by [`Script`]s, by the name of the program or of the payload. The mock
//! runs no programs: one without a script is taken to run until a signal ends it, and to exit with 0 once
//! somebody waits for it. The report says that this ending is *assumed*, and checks that rest on it are
//! skipped.
//!
//! ```
//! use core::time::Duration;
//! use ktstr_core::execute_scenario;
//! use ktstr_core::prelude::*;
//! use ktstr_mock::{MockBackend, Script};
//!
//! static FIO: Payload<'static> = Payload::binary("fio", "fio")
//!     .output(OutputKind::Json)
//!     .checks(&[PayloadCheck::min("iops", 1000.0)]);
//! const OPS: &[Op<'static>] =
//!     &[Op::add_cgroup("disk"), Op::run_payload_in_cgroup(&FIO, &[], "disk"), Op::wait_payload("fio")];
//! const STEPS: &[Step<'static>] = &[Step::new(OPS, HoldSpec::fixed(Duration::ZERO))];
//! static SCENARIO: Scenario<'static> = Scenario::new("disk").steps(STEPS);
//!
//! for (iops, verdict) in [(1200, Verdict::Pass), (800, Verdict::Fail)] {
//!     let script = Script::exits_after(Duration::from_secs(3), 0).prints(&format!("{{\"iops\": {iops}}}"));
//!     let mut mock = MockBackend::new(Topology::uniform(1, 1, 4, 1)).program("fio", script);
//!     let report = execute_scenario(&SCENARIO, &mut mock, 1, &mut ()).expect("valid");
//!     assert_eq!(report.verdict, verdict);
//! }
//! ```
//!
//! **When things go wrong.** [`FaultInjector`] wraps any backend and lets chosen actions fail, wait, lose a
//! child or crash. Here every action of a run fails once, and none leaves a cgroup behind that the report
//! does not count:
//!
//! ```
//! use core::time::Duration;
//! use ktstr_core::execute_scenario;
//! use ktstr_core::prelude::*;
//! use ktstr_mock::{FaultInjector, MockBackend};
//!
//! const DEFS: Backdrop<'static> = Backdrop::new().push_cgroup(CgroupDef::named("a")).push_cgroup(CgroupDef::named("b"));
//! static SCENARIO: Scenario<'static> = Scenario::new("two").backdrop(DEFS).steps(&[Step::hold(HoldSpec::FULL)]);
//! const EIO: i32 = 5;
//!
//! for n in 0.. {
//!     let mock = MockBackend::new(Topology::uniform(1, 1, 2, 1));
//!     let mut broken = FaultInjector::on_mock(mock).fail_once(n, EIO);
//!     let report = execute_scenario(&SCENARIO, &mut broken, 1, &mut ()).expect("valid");
//!     if broken.injected() == 0 {
//!         break; // the run has fewer actions
//!     }
//!     assert_eq!(report.leftovers > 0, broken.inner().run_cgroup().is_some(), "action {n}");
//! }
//! ```
//!
//! **A backend of your own** is held to its contract by `ktstr_testkit::conformance`, which the mock keeps
//! too; a kernel of your own, or a real one, to `ktstr_testkit::rows`.
//!
//! **What a run costs** in actions and system calls is in [`MockBackend::costs`]; what it did in
//! [`MockBackend::dump_timeline`], the state in [`MockKernel::dump_tree`], [`MockKernel::dump_limits`] and
//! [`MockKernel::dump_procs`], as text for snapshots.
//!
//! # How far it goes
//!
//! [`MockKernel`] models the tree, controllers and their rules, threaded cgroups, freezing, killing, cpusets
//! with partitions, limits and their parsing, process and thread life, and CPU hot-plug. What kernels do
//! differently from each other is a switch in [`Quirks`], chosen by [`KernelVersion`]. CPU time is shared out
//! by weight, quota and cpuset whenever something changes, not tick by tick. Memory that workers and scripts
//! use is charged, and past `memory.max` there are OOM kills; `memory.high`, `.low`, `.min` and `io.weight`
//! are kept and read back and have no effect: a report says which of them a scenario has set, and what rests
//! on them is skipped. Everything is done as root unless [`MockKernel::set_user`] says otherwise; delegation
//! is that of a directory and its three files.

pub mod backend;
pub mod costs;
pub mod dump;
pub mod errno;
pub mod fault;
pub mod kernel;
pub mod policy;
pub mod quirks;
mod sched;
mod script;
pub mod version;

pub use backend::{Given, Leaving, MockBackend};
pub use fault::FaultInjector;
pub use kernel::MockKernel;
pub use script::Script;
pub use version::{KernelVersion, Quirks};
