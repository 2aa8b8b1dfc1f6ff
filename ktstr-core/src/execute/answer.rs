//! Which outcome answers which action. What a backend answers otherwise is a fault of the backend, and is
//! named as such.

use crate::base::text::Text;
use crate::execute::action::{Action, ActionKind};
use crate::execute::fault::{Fault, FaultKind};
use crate::execute::outcome::Outcome;
use core::fmt::Write;

macro_rules! outcomes {
    ($($kind:ident $name:literal)+) => {
        /// Which outcome, without what it holds.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // each is said at the variant of `Outcome` with the same name
        pub enum OutcomeKind { $($kind,)+ }

        impl OutcomeKind {
            /// All of them, in order.
            pub const ALL: [Self; [$(Self::$kind),+].len()] = [$(Self::$kind),+];

            /// What messages call it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }

        impl Outcome {
            /// Which outcome it is.
            pub const fn kind(&self) -> OutcomeKind {
                match self { $(Self::$kind { .. } => OutcomeKind::$kind,)+ }
            }
        }
    };
}

outcomes! {
    Done "done" Failed "failed" Cpus "cpus" Report "report" Ended "ended" TimedOut "timed_out" Metric "metric"
    Seen "seen" Killed "killed" Detached "detached" SchedulerDied "scheduler_died"
}

impl ActionKind {
    /// What answers it, beside [`Outcome::Failed`].
    pub const fn answers(self) -> &'static [OutcomeKind] {
        match self {
            Self::EndCpuWatch => &[OutcomeKind::Cpus],
            Self::Collect => &[OutcomeKind::Report],
            Self::WaitPayload => &[OutcomeKind::Ended, OutcomeKind::TimedOut, OutcomeKind::SchedulerDied],
            Self::KillPayload => &[OutcomeKind::Ended],
            Self::ReadMetric => &[OutcomeKind::Metric],
            Self::KillRemaining => &[OutcomeKind::Killed],
            Self::CheckFile => &[OutcomeKind::Seen],
            Self::DetachScheduler => &[OutcomeKind::Detached],
            Self::Hold => &[OutcomeKind::Done, OutcomeKind::SchedulerDied],
            Self::Prepare
            | Self::CreateCgroup
            | Self::EnableControllers
            | Self::Write
            | Self::Spawn
            | Self::Start
            | Self::SetAffinity
            | Self::Move
            | Self::BeginCpuWatch
            | Self::AskToStop
            | Self::Stop
            | Self::StartPayload
            | Self::ReadOutput
            | Self::ReadProcs
            | Self::Freeze
            | Self::Thaw
            | Self::KillCgroup
            | Self::WriteFile
            | Self::Reclaim
            | Self::SetNice
            | Self::SetSchedPolicy
            | Self::NoteFile
            | Self::SteerIrq
            | Self::RestoreIrq
            | Self::AttachScheduler
            | Self::RemoveCgroup
            | Self::Finish => &[OutcomeKind::Done],
        }
    }
}

impl Action<'_> {
    /// Whether an outcome is one that answers this action, beside [`Outcome::Failed`].
    pub fn is_answered_by(&self, outcome: &Outcome) -> bool {
        self.kind().answers().contains(&outcome.kind())
    }
}

impl Fault {
    /// What is wrong with an outcome that answers another action than the one that was asked for.
    pub fn other_answer(action: &Action<'_>, outcome: &Outcome) -> Self {
        let mut detail = Text::<96>::new();
        let [first, rest @ ..] = action.kind().answers() else {
            return Self::new(FaultKind::OtherAnswer, "");
        };
        let _ = write!(detail, "expected {}", first.name());
        for other in rest {
            let _ = write!(detail, " or {}", other.name());
        }
        let _ = write!(detail, ", got {}: {action}", outcome.kind().name());
        Self::new(FaultKind::OtherAnswer, detail.as_str())
    }
}
