//! Operations of one action: `FreezeCgroup`, `UnfreezeCgroup`, `WriteFile`, `Reclaim`, `CaptureCgroupProcs`,
//! `SteerIrq`; before it the controllers that they are of are enabled.

use crate::execute::action::{Action, ActionKind};
use crate::execute::executor::frame::{Part, Turn};
use crate::execute::executor::run::Run;
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::observer::Observer;
use crate::execute::outcome::Outcome;
use crate::model::controllers::{Controller, Controllers};
use crate::model::file_check::FileCheck;

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
    /// Nothing is collected after it: it has to fail.
    Kill {
        path: &'a str,
    },
    Thaw {
        path: &'a str,
    },
    WriteFile {
        path: &'a str,
        file: &'a str,
        text: &'a str,
    },
    Reclaim {
        path: &'a str,
        bytes: u64,
        whole: bool,
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

impl What<'_> {
    /// The controllers without which the cgroup would not have the file.
    fn controllers(&self) -> Controllers {
        match *self {
            Self::WriteFile { file, .. } => FileCheck::file(file).controllers(),
            Self::Reclaim { .. } => Controllers::NONE.with(Controller::Memory),
            Self::Freeze { .. }
            | Self::Remove { .. }
            | Self::Kill { .. }
            | Self::Thaw { .. }
            | Self::ReadProcs { .. }
            | Self::SteerIrq { .. } => Controllers::NONE,
        }
    }
}

impl<'a> Part<'a> for Once<'a> {
    fn ask(&mut self, run: &mut Run<'_, 'a>, to: &mut Action<'a>, _: &mut dyn Observer<'a>) -> Turn<'a> {
        let controllers = self.what.controllers();
        if !controllers.is_empty() && run.ask_to_enable(run.parent(self.at), controllers, to) {
            return Turn::Act;
        }
        *to = match self.what {
            What::Freeze { path } => {
                // Noted before it is done: a freeze that is not confirmed in time has been written all the
                // same.
                run.books.set_frozen(self.at, true);
                Action::Freeze { path }
            }
            What::Remove { path } => Action::RemoveCgroup { path },
            What::Kill { path } => Action::KillCgroup { path },
            What::Thaw { path } => Action::Thaw { path },
            What::WriteFile { path, file, text } => Action::WriteFile { path, file, text },
            What::Reclaim { path, bytes, whole } => Action::Reclaim { path, bytes, whole },
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
        action: &Action<'a>,
        _: &Outcome,
        _: &mut dyn Observer<'a>,
    ) -> Turn<'a> {
        if action.kind() == ActionKind::EnableControllers {
            run.enabled(run.parent(self.at), self.what.controllers());
            return Turn::Next;
        }
        match self.what {
            What::Freeze { .. } => run.books.set_frozen(self.at, true),
            What::Thaw { .. } => run.books.set_frozen(self.at, false),
            What::Remove { .. } => run.books.remove_cgroup(self.at),
            What::Kill { .. } | What::WriteFile { .. } | What::Reclaim { .. } | What::ReadProcs { .. } => {}
            What::SteerIrq { irq, .. } => run.books.add_irq(self.at, irq),
        }
        Turn::Done
    }
}
