//! `SetCpuset` and `ClearCpuset`: enables the controller above, and writes the CPUs between the end and the
//! new beginning of the watch of the groups concerned.

use crate::execute::action::Action;
use crate::execute::executor::chain::NONE;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::{Run, write_cpus};
use crate::execute::executor::watch::Sweep;
use crate::execute::fault::Fault;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::controllers::{Controller, Controllers};
use crate::model::cpuset::CpuSet;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::knob::KnobValue;

/// The controllers that changing a cpuset needs.
const NEEDED: Controllers = Controllers::NONE.with(Controller::Cpuset);

/// A cgroup that is given other CPUs.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Cpuset<'a> {
    at: u32,
    path: &'a str,
    /// Which; none of its own where it says nothing.
    cpus: Option<&'a CpusetSpec>,
    stage: Stage,
    /// The group whose watch is ended or begun.
    group: u32,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Enable,
    EndWatch(Sweep),
    Write,
    BeginWatch(Sweep),
}

impl<'a> Cpuset<'a> {
    pub(in crate::execute::executor) const fn new(
        at: u32,
        path: &'a str,
        cpus: Option<&'a CpusetSpec>,
    ) -> Self {
        Self { at, path, cpus, stage: Stage::Enable, group: NONE }
    }
}

impl<'a> Part<'a> for Cpuset<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        match &mut self.stage {
            Stage::Enable => {
                if run.ask_to_enable(run.parent(self.at), NEEDED, to) {
                    return Turn::Act;
                }
                self.stage = Stage::EndWatch(Sweep::new(&run.books, self.at));
                Turn::Next
            }
            Stage::EndWatch(sweep) => {
                if let Some(group) = sweep.ask(run, false, to) {
                    self.group = group;
                    return Turn::Act;
                }
                self.stage = Stage::Write;
                match self.cpus.map_or(Ok(CpuSet::EMPTY), |spec| run.resolve_cpuset(spec)) {
                    Ok(cpus) => *to = write_cpus(self.path, cpus),
                    Err(fault) => return Turn::Fail(fault),
                }
                Turn::Act
            }
            Stage::BeginWatch(sweep) => match sweep.ask(run, true, to) {
                Some(group) => {
                    self.group = group;
                    Turn::Act
                }
                None => Turn::Done,
            },
            Stage::Write => Turn::Done,
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
            Stage::Enable => run.enabled(run.parent(self.at), NEEDED),
            Stage::EndWatch(_) => run.watch_ended(self.group, outcome),
            Stage::Write => {
                if let Action::Write { value: KnobValue::Cpus(cpus), .. } = *action
                    && let Some(cgroup) = run.books.cgroup_mut(self.at)
                {
                    cgroup.cpuset = (!cpus.is_empty()).then_some(cpus);
                }
                self.stage = Stage::BeginWatch(Sweep::new(&run.books, self.at));
            }
            Stage::BeginWatch(_) => run.watch_begun(self.group),
        }
        Turn::Next
    }

    fn failed(&mut self, run: &mut Run<'_, 'a>, fault: &Fault, observer: &mut dyn Observer<'a>) -> Turn<'a> {
        match self.stage {
            Stage::Write if run.has_to_fail(fault, observer) => {
                self.stage = Stage::BeginWatch(Sweep::new(&run.books, self.at));
                Turn::Next
            }
            Stage::EndWatch(_) | Stage::BeginWatch(_) => {
                run.watch_lost(self.group);
                Turn::Next
            }
            Stage::Enable | Stage::Write => Turn::Fail(fault.clone()),
        }
    }
}
