//! From a judged scenario to a backend that is ready to play it: which one, why, and what it takes. Each
//! backend is made, and the scenario judged for its machine, once; playing it is all that is left.

use crate::args::{Backend as Wanted, Run};
use crate::backends::{OnLinux, OnMock, OnVm};
use crate::exit::Failure;
use crate::judged::Judged;
use crate::machine::TopologyArg;
use crate::vm;
use ktstr_core::Uniform;
use ktstr_file::NoteEntry;
use ktstr_file::report::RunReport;
use ktstr_vm::{Seeded, Vm};

/// A scenario on the backend that plays it, and why it is that one; no reason where it was asked for.
pub(crate) struct Prepared<'f> {
    judged: Judged<'f>,
    pub(crate) backend: Chosen<'f>,
    pub(crate) reason: String,
}

/// A backend with a scenario that is valid there.
pub(crate) enum Chosen<'f> {
    Linux(Box<OnLinux<'f>>),
    Vm(Box<OnVm<'f>>),
    Mock(Box<OnMock<'f>>),
}

impl<'f> Prepared<'f> {
    /// The backend that is asked for, or the first that can carry the scenario.
    ///
    /// # Errors
    /// When it is asked for one that cannot play it.
    pub(crate) fn of(judged: Judged<'f>, args: &Run) -> Result<Self, Failure> {
        refuse_idle_options(args)?;
        let backend = match args.backend {
            Wanted::Linux => Chosen::Linux(Box::new(OnLinux::new(judged)?)),
            Wanted::Vm => Chosen::Vm(Box::new(OnVm::new(judged, args.topology, &args.vm)?)),
            Wanted::Mock => Chosen::Mock(Box::new(OnMock::new(judged, args.topology)?)),
            // Only there can it be taken.
            Wanted::Auto if args.vm.trace.is_some() => {
                Chosen::Vm(Box::new(OnVm::new(judged, args.topology, &args.vm)?))
            }
            Wanted::Auto => return Self::first(judged, args),
        };
        Ok(Self { judged, backend, reason: String::new() })
    }

    fn first(judged: Judged<'f>, args: &Run) -> Result<Self, Failure> {
        let linux = match args.topology {
            Some(TopologyArg::Shape(_)) => {
                Err("it runs on what there is, and a topology is asked for".to_owned())
            }
            Some(TopologyArg::Here) | None => OnLinux::if_it_can(judged),
        };
        let lack = match linux {
            Ok(linux) => {
                let reason = "this machine has what the scenario needs".to_owned();
                return Ok(Self { judged, backend: Chosen::Linux(Box::new(linux)), reason });
            }
            Err(lack) => format!("Linux cannot carry the scenario here: {lack}"),
        };
        Ok(match vm::lacks(&args.vm) {
            None => {
                let vm = OnVm::new(judged, args.topology, &args.vm)?;
                let mock = match vm.lack() {
                    Some(_) => OnMock::new(judged, args.topology).ok().filter(|mock| mock.lack().is_none()),
                    None => None,
                };
                match (vm.lack(), mock) {
                    (Some(missing), Some(mock)) => Self {
                        judged,
                        backend: Chosen::Mock(Box::new(mock)),
                        reason: format!("{lack}; nor can the virtual machine: {missing}"),
                    },
                    _ => Self { judged, backend: Chosen::Vm(Box::new(vm)), reason: lack },
                }
            }
            Some(missing) => {
                let mock = OnMock::new(judged, args.topology)?;
                Self {
                    judged,
                    backend: Chosen::Mock(Box::new(mock)),
                    reason: format!("{lack}; no virtual machine: {missing}"),
                }
            }
        })
    }

    /// What the backend is called, on the command line and in reports.
    pub(crate) fn name(&self) -> &'static str {
        match self.backend {
            Chosen::Linux(_) => "linux",
            Chosen::Vm(_) => "vm",
            Chosen::Mock(_) => "mock",
        }
    }

    /// Plays the scenario once.
    ///
    /// # Errors
    /// When the run cannot begin, or gives no report.
    pub(crate) fn play(&self, seed: u64) -> Result<RunReport, Failure> {
        self.play_traced(seed).map(|(report, _)| report)
    }

    /// The same, with the kernel's trace where one is asked for.
    ///
    /// # Errors
    /// As for [`play`](Self::play).
    pub(crate) fn play_traced(&self, seed: u64) -> Result<(RunReport, Option<Vec<u8>>), Failure> {
        let (report, trace) = match &self.backend {
            Chosen::Linux(linux) => (linux.play(seed)?, None),
            Chosen::Vm(vm) => vm.play(seed)?,
            Chosen::Mock(mock) => (mock.play(seed)?, None),
        };
        Ok((completed(report, &self.reason, self.judged.not_started()), trace))
    }

    /// What of it can be played in one boot with others, where it is for a virtual machine.
    pub(crate) fn part(&self, seed: u64) -> Option<Part<'_>> {
        let Chosen::Vm(on_vm) = &self.backend else { return None };
        let notes = self.judged.not_started().collect();
        let (seeded, vm, shape) = (on_vm.seeded(seed)?, on_vm.vm(), on_vm.shape());
        Some(Part { seeded, vm, shape, reason: &self.reason, notes })
    }
}

/// A scenario for a virtual machine which others may use too.
pub(crate) struct Part<'p> {
    pub(crate) seeded: Seeded<'p>,
    pub(crate) vm: &'p Vm,
    pub(crate) shape: Uniform,
    reason: &'p str,
    notes: Vec<NoteEntry>,
}

impl Part<'_> {
    /// Adds to a report what the machine does not know.
    pub(crate) fn complete(&self, report: RunReport) -> RunReport {
        completed(report, self.reason, self.notes.iter().cloned())
    }
}

/// A report with what no backend knows: why it was this one, and the notes on what the file had and no
/// scenario has in it any more.
fn completed(mut report: RunReport, reason: &str, notes: impl Iterator<Item = NoteEntry>) -> RunReport {
    reason.clone_into(&mut report.backend_reason);
    report.notes.extend(notes);
    report
}

/// Refuses options that would have no effect on the backend that is asked for.
fn refuse_idle_options(args: &Run) -> Result<(), Failure> {
    let vm = &args.vm;
    let asks_for_vm =
        vm.kernel.is_some() || vm.qemu.is_some() || vm.saved || vm.batch || vm.timeout.is_some();
    let asks_for_vm = asks_for_vm || vm.trace.is_some();
    match args.backend {
        Wanted::Linux if args.topology.is_some() => Err(Failure::invalid(
            "--topology is for the mock and the virtual machine: Linux runs on what there is",
        )),
        Wanted::Linux | Wanted::Mock if asks_for_vm => Err(Failure::invalid(
            "--kernel, --qemu, --saved, --batch, --timeout and --trace are for the virtual machine: add --backend vm",
        )),
        Wanted::Linux | Wanted::Mock | Wanted::Vm | Wanted::Auto => Ok(()),
    }
}
