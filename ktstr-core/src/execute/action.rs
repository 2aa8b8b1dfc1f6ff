//! What the executor asks of a backend, one at a time. Everything is resolved: paths below the run's own
//! cgroup, CPUs, counts, encodings. A backend carries an action out and answers with an
//! [`Outcome`](crate::execute::outcome::Outcome).

use crate::model::affinity::AffinityPlan;
use crate::model::controllers::Controllers;
use crate::model::file_check::FileCheck;
use crate::model::knob::{Knob, KnobValue};
use crate::model::payload::Payload;
use crate::model::placement::Placement;
use crate::model::sched_policy::SchedPolicy;
use crate::model::scheduler::Scheduler;
use crate::model::work::WorkSpec;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A group of workers, numbered in the order of their creation, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupId(pub u32);

/// A payload that was started, numbered in the order of their starts, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PayloadId(pub u32);

/// One thing to do. A path is relative to the run's own cgroup, which none names: that one is made by
/// `Prepare`, which also enables controllers for its children, and removed by `Finish`. Only tasks are ever
/// placed in the runner's cgroup.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(clippy::large_enum_variant)] // no heap to box it on
pub enum Action<'a> {
    /// Make the run's own cgroup, new, below the backend's parent; enable the controllers on the way down to
    /// it and for its children. Answer: `Done`.
    Prepare {
        /// What the scenario needs.
        controllers: Controllers,
    },
    /// Make a cgroup that does not exist yet. Answer: `Done`.
    CreateCgroup {
        /// Which.
        path: &'a str,
    },
    /// Enable controllers for the children of a cgroup that was made. Answer: `Done`.
    EnableControllers {
        /// Which.
        path: &'a str,
        /// What.
        controllers: Controllers,
    },
    /// Write a control file. Answer: `Done`.
    Write {
        /// Whose.
        path: &'a str,
        /// Which file.
        knob: Knob,
        /// What.
        value: KnobValue,
    },
    /// Create workers in a cgroup, placed and set up but not yet running. Answer: `Done`.
    Spawn {
        /// The group.
        group: GroupId,
        /// Where.
        placement: Placement<'a>,
        /// What they do and ask for; number and affinity are in the fields below.
        work: WorkSpec<'a>,
        /// How many, at least 1.
        workers: u32,
        /// Their CPU affinity.
        affinity: AffinityPlan,
        /// What their own randomness and start offsets are drawn from.
        seed: u64,
    },
    /// Let all workers created since the last start run, together. Answer: `Done`.
    Start,
    /// Change the affinity of a group. Answer: `Done`.
    SetAffinity {
        /// Which.
        group: GroupId,
        /// Their CPU affinity.
        affinity: AffinityPlan,
    },
    /// Move the workers of a group to another cgroup, with what they have started, and whatever else is in
    /// their cgroup but other groups and payloads, and what those have started. Answer: `Done`.
    Move {
        /// Which.
        group: GroupId,
        /// Where to: a cgroup of the run, unless a scenario that breaks rule `E0908` is forced to run.
        to: Placement<'a>,
    },
    /// Stop noting on which CPUs the workers of a group are seen. Answer: `Cpus`, those seen since it was
    /// begun.
    EndCpuWatch {
        /// Which.
        group: GroupId,
    },
    /// Note from now on on which CPUs the workers of a group are seen; a new group is watched from its start.
    /// Answer: `Done`.
    BeginCpuWatch {
        /// Which.
        group: GroupId,
    },
    /// Tell all workers of a group to stop, without waiting for it, so that several groups stop together.
    /// Answer: `Done`.
    AskToStop {
        /// Which.
        group: GroupId,
    },
    /// Ask all workers of a group to stop, if that was not done yet, and wait until they have; those that do
    /// not in time are killed. Answer: `Done`.
    Stop {
        /// Which.
        group: GroupId,
    },
    /// Hand over the report of one worker of a stopped group. Answer: `Report`.
    Collect {
        /// Which group.
        group: GroupId,
        /// Which of its workers, from 0.
        worker: u32,
    },
    /// Start a program. Answer: `Done` once its `exec` has succeeded.
    StartPayload {
        /// What later actions call it.
        id: PayloadId,
        /// What to run.
        payload: &'a Payload<'a>,
        /// Arguments after the payload's own.
        args: &'a [&'a str],
        /// Where.
        placement: Placement<'a>,
    },
    /// Wait until a payload has ended. Answer: `Ended`, or `TimedOut` if it still runs; `SchedulerDied` as
    /// for `Hold`.
    WaitPayload {
        /// Which.
        id: PayloadId,
        /// How long at most.
        timeout: Duration,
    },
    /// SIGTERM, after `grace` SIGKILL, to the program and all it has started; wait until it has ended.
    /// Answer: `Ended`.
    KillPayload {
        /// Which.
        id: PayloadId,
        /// The time between the two.
        grace: Duration,
    },
    /// Look a metric up in the output of a payload that has ended. Answer: `Metric`.
    ReadMetric {
        /// Which payload.
        id: PayloadId,
        /// Its dotted path.
        metric: &'a str,
    },
    /// Read the end of what a payload that has ended wrote, of each stream at most
    /// [`LAST_WORDS`](crate::report::last_words::LAST_WORDS) bytes. Answer:
    /// [`Evidence::Output`](crate::execute::channel::Evidence::Output) of the streams that were written to,
    /// then `Done`.
    ReadOutput {
        /// Which payload.
        id: PayloadId,
    },
    /// Freeze a cgroup and wait until `cgroup.events` says `frozen 1`. Answer: `Done`.
    Freeze {
        /// Which.
        path: &'a str,
    },
    /// Thaw a cgroup. Answer: `Done`.
    Thaw {
        /// Which.
        path: &'a str,
    },
    /// SIGKILL to all that is in a cgroup and below it, by one write to `cgroup.kill`, and wait until nothing
    /// is left there. Answer: `Done`.
    KillCgroup {
        /// Which.
        path: &'a str,
    },
    /// Write a text to a control file, in one call. Answer: `Done`.
    WriteFile {
        /// Whose.
        path: &'a str,
        /// Which file.
        file: &'a str,
        /// What.
        text: &'a str,
    },
    /// Have memory of a cgroup reclaimed. Answer: `Done`.
    Reclaim {
        /// Whose.
        path: &'a str,
        /// How much.
        bytes: u64,
        /// Whether it fails where less is freed.
        whole: bool,
    },
    /// Change the nice value of the workers of a group. Answer: `Done`.
    SetNice {
        /// Which.
        group: GroupId,
        /// To what.
        nice: i32,
    },
    /// Change the scheduling policy of the workers of a group; the normal policies leave them their nice
    /// value. Answer: `Done`.
    SetSchedPolicy {
        /// Which.
        group: GroupId,
        /// To what.
        policy: SchedPolicy,
    },
    /// Read the processes of a cgroup, those of cgroups below it not among them. Answer:
    /// [`Evidence::Procs`](crate::execute::channel::Evidence::Procs) if there are any, then `Done`.
    ReadProcs {
        /// Which.
        path: &'a str,
        /// What the report calls the record.
        tag: &'a str,
    },
    /// Remember what the value of a file is now, for a later `CheckFile` of the same value that asks how it
    /// has changed. A file that is not there says 0. Answer: `Done`.
    NoteFile {
        /// Whose file it is; empty for a path below `/proc` or `/sys`.
        path: &'a str,
        /// Which value of which file.
        check: &'a FileCheck<'a>,
    },
    /// Read a file until what is expected of it holds, at least once and for at most as long as that may
    /// take. Answer: `Seen`, the last reading.
    CheckFile {
        /// Whose file it is; empty for a path below `/proc` or `/sys`.
        path: &'a str,
        /// What is expected of it.
        check: &'a FileCheck<'a>,
    },
    /// Direct an interrupt to a CPU, and remember where it went before. Answer: `Done`.
    SteerIrq {
        /// The interrupt.
        irq: u32,
        /// The CPU.
        cpu: u32,
    },
    /// Direct an interrupt back to where it went before the first steering. Answer: `Done`.
    RestoreIrq {
        /// The interrupt.
        irq: u32,
    },
    /// Start a scheduler's program, and wait until the kernel has enabled the scheduler. Where it does not
    /// get ready, it is ended again. Answer: `Done`; what it said where it failed comes as
    /// [`Evidence::Scheduler`](crate::execute::channel::Evidence::Scheduler).
    AttachScheduler {
        /// Which.
        scheduler: &'a Scheduler<'a>,
    },
    /// SIGTERM to the program of the scheduler that was attached, after its grace SIGKILL, and wait until the
    /// kernel's own scheduler is back; of one that has left already only what is known of its end is read.
    /// Answer: `Detached`, after the evidence of what it and the kernel said.
    DetachScheduler {
        /// Which.
        scheduler: &'a Scheduler<'a>,
    },
    /// Let time pass. Answer: `Done`, or `Failed` with `Interrupted`; `SchedulerDied`, without a delay, once
    /// the scheduler that was attached has left and its
    /// [`on_death`](crate::model::scheduler::Scheduler::on_death) is to stop.
    Hold {
        /// How much.
        length: Duration,
    },
    /// Kill whatever is still in a cgroup or below it, workers and payloads apart, and wait until it is
    /// empty. Answer: `Killed`.
    KillRemaining {
        /// Which.
        path: &'a str,
    },
    /// Remove an empty cgroup. Answer: `Done`.
    RemoveCgroup {
        /// Which.
        path: &'a str,
    },
    /// Remove the run's own cgroup. Answer: `Done`.
    Finish,
}

macro_rules! kinds {
    ($($kind:ident)+) => {
        /// Which action, without its arguments; what events carry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs)] // each is said at the variant of `Action` with the same name
        pub enum ActionKind { $($kind,)+ }

        impl ActionKind {
            /// All of them, in order.
            pub const ALL: [Self; [$(Self::$kind),+].len()] = [$(Self::$kind),+];
        }

        impl Action<'_> {
            /// Which action it is.
            pub const fn kind(&self) -> ActionKind {
                match self { $(Self::$kind { .. } => ActionKind::$kind,)+ }
            }
        }
    };
}

kinds! {
    Prepare CreateCgroup EnableControllers Write Spawn Start SetAffinity Move EndCpuWatch BeginCpuWatch
        AskToStop Stop Collect StartPayload WaitPayload KillPayload ReadMetric ReadOutput Freeze Thaw
        KillCgroup WriteFile Reclaim SetNice SetSchedPolicy ReadProcs NoteFile CheckFile SteerIrq RestoreIrq AttachScheduler DetachScheduler Hold KillRemaining
        RemoveCgroup Finish
}

impl<'a> Action<'a> {
    /// Whether time passes in it: then something may happen that nobody asked for.
    pub const fn waits(&self) -> bool {
        match self.kind() {
            ActionKind::Hold
            | ActionKind::WaitPayload
            | ActionKind::KillPayload
            | ActionKind::CheckFile
            | ActionKind::Stop
            | ActionKind::AttachScheduler
            | ActionKind::DetachScheduler => true,
            ActionKind::Prepare
            | ActionKind::CreateCgroup
            | ActionKind::EnableControllers
            | ActionKind::Write
            | ActionKind::Spawn
            | ActionKind::Start
            | ActionKind::SetAffinity
            | ActionKind::Move
            | ActionKind::EndCpuWatch
            | ActionKind::BeginCpuWatch
            | ActionKind::AskToStop
            | ActionKind::Collect
            | ActionKind::StartPayload
            | ActionKind::ReadMetric
            | ActionKind::ReadOutput
            | ActionKind::Freeze
            | ActionKind::Thaw
            | ActionKind::KillCgroup
            | ActionKind::WriteFile
            | ActionKind::Reclaim
            | ActionKind::SetNice
            | ActionKind::SetSchedPolicy
            | ActionKind::ReadProcs
            | ActionKind::NoteFile
            | ActionKind::SteerIrq
            | ActionKind::RestoreIrq
            | ActionKind::KillRemaining
            | ActionKind::RemoveCgroup
            | ActionKind::Finish => false,
        }
    }

    /// The cgroup it is about, if it is about one.
    pub const fn cgroup(&self) -> Option<Placement<'a>> {
        match *self {
            Self::Spawn { placement, .. }
            | Self::StartPayload { placement, .. }
            | Self::Move { to: placement, .. } => Some(placement),
            Self::CreateCgroup { path }
            | Self::EnableControllers { path, .. }
            | Self::Write { path, .. }
            | Self::Freeze { path }
            | Self::Thaw { path }
            | Self::KillCgroup { path }
            | Self::WriteFile { path, .. }
            | Self::Reclaim { path, .. }
            | Self::ReadProcs { path, .. }
            | Self::KillRemaining { path }
            | Self::RemoveCgroup { path } => Some(Placement::Cgroup(path)),
            Self::NoteFile { path, .. } | Self::CheckFile { path, .. } if !path.is_empty() => {
                Some(Placement::Cgroup(path))
            }
            Self::Prepare { .. }
            | Self::Start
            | Self::NoteFile { .. }
            | Self::CheckFile { .. }
            | Self::SetAffinity { .. }
            | Self::SetNice { .. }
            | Self::SetSchedPolicy { .. }
            | Self::EndCpuWatch { .. }
            | Self::BeginCpuWatch { .. }
            | Self::AskToStop { .. }
            | Self::Stop { .. }
            | Self::Collect { .. }
            | Self::WaitPayload { .. }
            | Self::KillPayload { .. }
            | Self::ReadMetric { .. }
            | Self::ReadOutput { .. }
            | Self::SteerIrq { .. }
            | Self::RestoreIrq { .. }
            | Self::AttachScheduler { .. }
            | Self::DetachScheduler { .. }
            | Self::Hold { .. }
            | Self::Finish => None,
        }
    }
}

/// A value of a file: `pod/memory.events oom_kill`.
struct WhichFile<'f>(&'f str, &'f FileCheck<'f>);

impl core::fmt::Display for WhichFile<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self(path, FileCheck { file, key, .. }) = *self;
        let slash = if path.is_empty() { "" } else { "/" };
        write!(f, "{path}{slash}{file}")?;
        key.map_or(Ok(()), |key| write!(f, " {key}"))
    }
}

impl core::fmt::Display for Action<'_> {
    /// One line: what is done to what, with the values written.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match *self {
            Self::Prepare { controllers } => write!(f, "prepare controllers [{controllers}]"),
            Self::CreateCgroup { path } => write!(f, "mkdir {path}"),
            Self::EnableControllers { path, controllers } => write!(f, "enable [{controllers}] below {path}"),
            Self::Write { path, knob, value } => write!(f, "write {path}/{} = {value}", knob.file()),
            Self::Spawn { group, placement, work, workers, .. } => {
                write!(f, "spawn group {} in {placement}: {workers} x {}", group.0, work.work_type.name())
            }
            Self::Start => f.write_str("start workers"),
            Self::SetAffinity { group, .. } => write!(f, "set affinity of group {}", group.0),
            Self::Move { group, to } => write!(f, "move group {} to {to}", group.0),
            Self::EndCpuWatch { group } => write!(f, "read CPUs of group {}", group.0),
            Self::BeginCpuWatch { group } => write!(f, "watch CPUs of group {}", group.0),
            Self::AskToStop { group } => write!(f, "ask group {} to stop", group.0),
            Self::Stop { group } => write!(f, "stop group {}", group.0),
            Self::Collect { group, worker } => write!(f, "collect group {} worker {worker}", group.0),
            Self::StartPayload { id, payload, placement, .. } => {
                write!(f, "run {} in {placement} as payload {}", payload.name, id.0)
            }
            Self::WaitPayload { id, timeout } => write!(f, "wait for payload {}, at most {timeout:?}", id.0),
            Self::KillPayload { id, grace } => write!(f, "kill payload {}, grace {grace:?}", id.0),
            Self::ReadMetric { id, metric } => write!(f, "read metric {metric} of payload {}", id.0),
            Self::ReadOutput { id } => write!(f, "read the last words of payload {}", id.0),
            Self::Freeze { path } => write!(f, "freeze {path}"),
            Self::Thaw { path } => write!(f, "thaw {path}"),
            Self::KillCgroup { path } => write!(f, "kill all in {path}"),
            Self::WriteFile { path, file, text } => write!(f, "write {path}/{file} = {text}"),
            Self::Reclaim { path, bytes, .. } => write!(f, "reclaim {bytes} bytes of {path}"),
            Self::SetNice { group, nice } => write!(f, "set nice value of group {} to {nice}", group.0),
            Self::SetSchedPolicy { group, policy } => {
                write!(f, "set policy of group {} to {policy:?}", group.0)
            }
            Self::ReadProcs { path, tag } => write!(f, "read processes of {path} as {tag}"),
            Self::NoteFile { path, check } => write!(f, "note {}", WhichFile(path, check)),
            Self::CheckFile { path, check } => write!(f, "check {}", WhichFile(path, check)),
            Self::SteerIrq { irq, cpu } => write!(f, "steer irq {irq} to CPU {cpu}"),
            Self::RestoreIrq { irq } => write!(f, "restore irq {irq}"),
            Self::AttachScheduler { scheduler } => write!(f, "attach scheduler {}", scheduler.name),
            Self::DetachScheduler { scheduler } => write!(f, "detach scheduler {}", scheduler.name),
            Self::Hold { length } => write!(f, "hold {length:?}"),
            Self::KillRemaining { path } => write!(f, "kill what remains in {path}"),
            Self::RemoveCgroup { path } => write!(f, "rmdir {path}"),
            Self::Finish => f.write_str("finish"),
        }
    }
}
