//! `SwapCpusets`: gives the first cgroup what the second has, then the second what the first had, between the
//! end and the new beginning of the watch of the groups concerned.

use crate::execute::action::Action;
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::{Run, write_cpus};
use crate::execute::executor::watch::Sweep;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::cpuset::CpuSet;
use crate::model::knob::KnobValue;

/// Two cgroups whose cpusets are exchanged.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Swap<'a> {
    cgroups: [(u32, &'a str); 2],
    stage: Stage,
    /// The group whose watch is ended or begun.
    group: u32,
}

/// What comes next; watches and writes are of the cgroup with this number.
#[derive(Debug, Clone, Copy)]
enum Stage {
    EndWatch(usize, Sweep),
    Write(usize),
    BeginWatch(usize, Sweep),
}

impl<'a> Swap<'a> {
    /// Both have to have a cpuset of their own.
    pub(in crate::execute::executor) fn new(
        run: &mut Run<'_, 'a>,
        a: (u32, &'a str),
        b: (u32, &'a str),
    ) -> Result<Self, Fault> {
        run.aside = *own_cpuset(run, a)?;
        own_cpuset(run, b)?;
        let stage = Stage::EndWatch(0, Sweep::new(&run.books, a.0));
        Ok(Self { cgroups: [a, b], stage, group: NONE })
    }

    fn sweep(&self, run: &Run<'_, 'a>, which: usize) -> Option<Sweep> {
        self.cgroups.get(which).map(|&(at, _)| Sweep::new(&run.books, at))
    }
}

fn own_cpuset<'r>(run: &'r Run<'_, '_>, (at, path): (u32, &str)) -> Result<&'r CpuSet, Fault> {
    let own = run.books.cgroup(at).and_then(|cgroup| cgroup.cpuset.as_ref());
    own.ok_or_else(|| Fault::new(FaultKind::Unknown, path))
}

impl<'a> Part<'a> for Swap<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        match self.stage {
            Stage::EndWatch(which, ref mut sweep) => {
                if let Some(group) = sweep.ask(run, false, to) {
                    self.group = group;
                    return Turn::Act;
                }
                let next = self.sweep(run, which + 1);
                self.stage = next.map_or(Stage::Write(0), |sweep| Stage::EndWatch(which + 1, sweep));
                Turn::Next
            }
            Stage::Write(0) => match own_cpuset(run, self.cgroups[1]) {
                Ok(cpus) => {
                    *to = write_cpus(self.cgroups[0].1, *cpus);
                    Turn::Act
                }
                Err(fault) => Turn::Fail(fault),
            },
            Stage::Write(_) => {
                *to = write_cpus(self.cgroups[1].1, run.aside);
                Turn::Act
            }
            Stage::BeginWatch(which, ref mut sweep) => {
                if let Some(group) = sweep.ask(run, true, to) {
                    self.group = group;
                    return Turn::Act;
                }
                match self.sweep(run, which + 1) {
                    Some(sweep) => self.stage = Stage::BeginWatch(which + 1, sweep),
                    None => return Turn::Done,
                }
                Turn::Next
            }
        }
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        action: &Action<'a>,
        outcome: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match self.stage {
            Stage::EndWatch(..) => run.watch_ended(self.group, outcome),
            Stage::BeginWatch(..) => run.watch_begun(self.group),
            Stage::Write(which) => {
                if let Action::Write { value: KnobValue::Cpus(cpus), .. } = *action
                    && let Some(cgroup) = run.books.cgroup_mut(self.cgroups[which].0)
                {
                    cgroup.cpuset = Some(cpus);
                }
                self.stage = match self.sweep(run, 0) {
                    Some(sweep) if which > 0 => Stage::BeginWatch(0, sweep),
                    _ => Stage::Write(which + 1),
                };
            }
        }
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, _: &mut dyn Observer<'a>) -> Turn<'a> {
        match self.stage {
            Stage::EndWatch(..) | Stage::BeginWatch(..) => {
                run.watch_lost(self.group);
                Turn::Next
            }
            Stage::Write(_) => Turn::Fail(fault.clone()),
        }
    }
}
