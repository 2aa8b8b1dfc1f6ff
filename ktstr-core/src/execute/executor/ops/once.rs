//! Operations of one action: `FreezeCgroup`, `UnfreezeCgroup`, `CaptureCgroupProcs`, `SteerIrq`.

use crate::execute::action::Action;
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;

/// An operation of one action.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) struct Once<'a> {
    /// The cgroup, or the interrupt.
    pub(in crate::execute::executor) at: u32,
    pub(in crate::execute::executor) what: What<'a>,
}

/// Which.
#[derive(Debug, Clone, Copy)]
pub(in crate::execute::executor) enum What<'a> {
    Freeze {
        path: &'a str,
    },
    /// Nothing in it is ended before: it has to fail.
    Remove {
        path: &'a str,
    },
    Thaw {
        path: &'a str,
    },
    ReadProcs {
        path: &'a str,
        tag: &'a str,
    },
    SteerIrq {
        irq: u32,
        cpu: u32,
    },
}

impl<'a> Part<'a> for Once<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        *to = match self.what {
            What::Freeze { path } => {
                // Noted before it is done: a freeze that is not confirmed in time has been written all the
                // same.
                run.books.set_frozen(self.at, true);
                Action::Freeze { path }
            }
            What::Remove { path } => Action::RemoveCgroup { path },
            What::Thaw { path } => Action::Thaw { path },
            What::ReadProcs { path, tag } => Action::ReadProcs { path, tag },
            What::SteerIrq { irq, cpu } => {
                if !run.books.has_irq(self.at) && !run.books.has_room(self.at) {
                    return Turn::Fail(Fault::new(FaultKind::NoRoom, "interrupts to direct back"));
                }
                Action::SteerIrq { irq, cpu }
            }
        };
        Turn::Act
    }

    fn answered(
        &mut self,
        run: &mut Run<'_, 'a>,
        _: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        match self.what {
            What::Freeze { .. } => run.books.set_frozen(self.at, true),
            What::Thaw { .. } => run.books.set_frozen(self.at, false),
            What::Remove { .. } => run.books.remove_cgroup(self.at),
            What::ReadProcs { .. } => {}
            What::SteerIrq { irq, .. } => run.books.add_irq(self.at, irq),
        }
        Turn::Done
    }
}
