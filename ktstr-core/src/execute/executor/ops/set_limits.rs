//! `SetLimits`: enables the controllers above, gives the cgroup other CPUs if some are named, and writes what
//! else is named. What is not named is not written.

use super::cpuset::Cpuset;
use crate::execute::action::Action;
use crate::execute::executor::frame::{Frame, Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::knob::{Knob, KnobSet, Limits};

/// A cgroup whose control files are changed.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct SetLimits<'a> {
    at: u32,
    path: &'a str,
    limits: &'a Limits,
    stage: Stage,
}

/// What comes next for it.
#[derive(Debug, Clone, Copy)]
enum Stage {
    Enable,
    Cpus,
    /// These control files are still to be written.
    Write(KnobSet),
}

impl<'a> SetLimits<'a> {
    pub(in crate::execute::executor) const fn new(at: u32, path: &'a str, limits: &'a Limits) -> Self {
        Self { at, path, limits, stage: Stage::Enable }
    }
}

impl<'a> Part<'a> for SetLimits<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let Self { at, path, limits, stage } = *self;
        match stage {
            Stage::Enable => {
                if run.ask_to_enable(run.parent(at), limits.controllers(), to) {
                    return Turn::Act;
                }
                self.stage = Stage::Cpus;
                Turn::Next
            }
            Stage::Cpus => {
                self.stage = Stage::Write(limits.named().minus(KnobSet::NONE.with(Knob::CpusetCpus)));
                match &limits.cpuset {
                    Some(cpus) => Turn::Call(Frame::Cpuset(Cpuset::new(at, path, Some(cpus)))),
                    None => Turn::Next,
                }
            }
            Stage::Write(rest) => {
                let Some((knob, rest)) = rest.split_first() else { return Turn::Done };
                let Some(value) = limits.value(knob) else {
                    self.stage = Stage::Write(rest);
                    return Turn::Next;
                };
                *to = Action::Write { path, knob, value };
                Turn::Act
            }
        }
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match self.stage {
            Stage::Enable => run.enabled(run.parent(self.at), self.limits.controllers()),
            Stage::Cpus => {}
            Stage::Write(rest) => {
                self.stage = Stage::Write(rest.split_first().map_or(KnobSet::NONE, |(_, rest)| rest));
            }
        }
        Turn::Next
    }
}
