//! The executor's stack: each frame is one thing under way, small enough to be copied.
//! A frame is advanced until it asks for an action, calls another frame, fails, or is done.

use crate::execute::action::{Action, GroupId, PayloadId};
use crate::execute::executor::tables::{Owner, Running};
use crate::execute::fault::Fault;
use crate::execute::outcome::PayloadEnd;
use crate::judge::group::GroupStats;
use crate::judge::verdict::Verdict;
use crate::model::affinity::AffinityIntent;
use crate::model::cgroup_def::CgroupDef;
use crate::model::cpuset::CpuSet;
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::work::WorkSpec;
use crate::report::last_words::Stream;
use core::time::Duration;

/// Something under way.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub(crate) enum Frame<'a> {
    /// Playing the scenario: the bottom of the stack.
    Play,
    /// Reading the processes of a cgroup.
    ReadProcs { path: &'a str, tag: &'a str },
    /// Directing an interrupt to a CPU.
    SteerIrq { irq: u32, cpu: u32 },
    /// Making a cgroup, with controllers for it enabled above.
    Create { path: &'a str, def: Option<&'a CgroupDef<'a>>, stage: CreateStage },
    /// Creating one group of workers.
    Spawn { placement: Placement<'a>, work: Work<'a> },
    /// Starting a payload.
    StartPayload { payload: &'a Payload<'a>, args: &'a [&'a str], placement: Placement<'a> },
    /// Giving a cgroup other CPUs.
    Cpuset { path: &'a str, cpus: Option<&'a CpusetSpec>, written: bool },
    /// Exchanging two cpusets; `cpus` is what the first had.
    Swap { a: &'a str, b: &'a str, cpus: CpuSet, done: u8 },
    /// Changing the affinity of the groups in a cgroup, from the `next`-th on.
    Affinity { path: &'a str, intent: &'a AffinityIntent, next: usize },
    /// Moving groups from one place to another.
    Move { from: Placement<'a>, to: Placement<'a>, moving: Option<(GroupId, MoveStage)> },
    /// Freezing or thawing.
    Freeze { path: &'a str, frozen: bool },
    /// Stopping a group, collecting its reports and judging them.
    Stop { group: GroupId, stage: StopStage },
    /// Ending a payload and judging it.
    End { id: PayloadId, ending: Ending<'a> },
    /// Stopping all that runs in a cgroup, and removing it if asked.
    Clear { path: &'a str, remove: bool, killed: bool },
    /// Taking down all that an owner has.
    TearDown { owner: Owner, killed: bool },
    /// Directing interrupts back and removing the run's own cgroup.
    Finish,
}

/// Where a group of workers is described.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work<'a> {
    Op(&'a WorkSpec<'a>),
    /// The group with this number.
    Def(&'a CgroupDef<'a>, usize),
}

impl<'a> Work<'a> {
    pub(crate) fn spec(self) -> WorkSpec<'a> {
        match self {
            Self::Op(work) => *work,
            Self::Def(def, index) => def.work_at(index),
        }
    }
}

/// How far a cgroup has been made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CreateStage {
    Make,
    /// The knob with this place in `Knob::ALL` comes next.
    Knob(usize),
    /// The group of workers with this number comes next.
    Work(usize),
    Payload,
    Made,
}

/// How far a group has been moved.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MoveStage {
    EndWatch,
    Move,
    BeginWatch,
}

/// How far a group has been stopped.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub(crate) enum StopStage {
    EndWatch,
    /// Told to stop, with which the frame ends; the group is waited for when all others have been told too.
    Ask,
    Stop,
    Collect {
        worker: u32,
        stats: GroupStats,
    },
}

/// How far a payload has been ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending<'a> {
    Wait {
        timeout: Duration,
    },
    /// `late` is the timeout that it has missed, if it was waited for.
    Kill {
        grace: Duration,
        late: Option<Duration>,
    },
    /// The check with this number comes next; the numbers after the checks are the hinted metrics. `worst` is what
    /// has been judged so far.
    Judge {
        running: Running<'a>,
        end: PayloadEnd,
        next: usize,
        worst: Verdict,
    },
    /// This part of its output comes next.
    Tell {
        end: PayloadEnd,
        stream: Stream,
        part: u32,
    },
}

/// What advancing a frame came to.
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub(crate) enum Turn<'a> {
    /// Carry this out, then go on with the frame.
    Act(Frame<'a>, Action<'a>),
    /// Do the second first, then go on with the first.
    Call(Frame<'a>, Frame<'a>),
    /// Go on with this frame.
    Next(Frame<'a>),
    /// The frame is done.
    Done,
    /// What was asked cannot be done.
    Fail(Fault),
}
