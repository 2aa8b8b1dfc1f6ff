//! The events of a report: each action with what came of it, by kind and parts. Whoever shows them makes the
//! words.

use super::file_words::expected_of;
use super::groups::WorkerEndEntry;
use super::parts::parts;
use super::recorder::ending;
use ktstr_core::{Action, Fault, Outcome, WorkerReport};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One action and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventEntry {
    /// Its number, from 0.
    pub seq: u32,
    /// When the outcome was known, in nanoseconds from the start of the run.
    pub at_ns: u64,
    /// What of the scenario asked for it.
    pub site: String,
    /// What was asked.
    pub action: ActionEntry,
    /// What came of it.
    pub outcome: OutcomeEntry,
}

parts! {
    /// An action: what was done to what. Cgroups are paths below the run's own; an empty one is the runner's.
    #[derive(Eq)]
    pub enum ActionEntry as ACTION("action") shown {
        /// Make the run's own cgroup and enable controllers for its children.
        Prepare "prepare" {
            /// The controllers, with spaces between.
            controllers: String,
        }
        /// Make a cgroup.
        CreateCgroup "create_cgroup" {
            /// Which.
            cgroup: String,
        }
        /// Enable controllers for the children of a cgroup.
        EnableControllers "enable_controllers" {
            /// Which.
            cgroup: String,
            /// The controllers, with spaces between.
            controllers: String,
        }
        /// Write a control file.
        Write "write" {
            /// Whose.
            cgroup: String,
            /// Which file.
            file: String,
            /// What was written.
            value: String,
        }
        /// Create workers, which wait for their start.
        Spawn "spawn" {
            /// The group's number.
            group: u32,
            /// Where.
            cgroup: String,
            /// What they do.
            work_type: String,
            /// How many.
            workers: u32,
            /// What their own randomness is drawn from.
            seed: u64,
        }
        /// Let the workers run that wait for it.
        Start "start" {}
        /// Change the affinity of a group.
        SetAffinity "set_affinity" {
            /// The group's number.
            group: u32,
        }
        /// Move a group to a cgroup.
        Move "move" {
            /// The group's number.
            group: u32,
            /// Where to.
            cgroup: String,
        }
        /// Read on which CPUs a group was seen.
        EndCpuWatch "end_cpu_watch" {
            /// The group's number.
            group: u32,
        }
        /// Note from now on on which CPUs a group is seen.
        BeginCpuWatch "begin_cpu_watch" {
            /// The group's number.
            group: u32,
        }
        /// Ask a group to stop, without waiting for it.
        AskToStop "ask_to_stop" {
            /// The group's number.
            group: u32,
        }
        /// Wait until a group has stopped.
        Stop "stop" {
            /// The group's number.
            group: u32,
        }
        /// Take the report of a worker.
        Collect "collect" {
            /// The group's number.
            group: u32,
            /// Its number in the group.
            worker: u32,
        }
        /// Start a program.
        StartPayload "start_payload" {
            /// The payload's number, in the order of the starts.
            payload: u32,
            /// What ops call it.
            name: String,
            /// Where.
            cgroup: String,
        }
        /// Wait until a payload has ended.
        WaitPayload "wait_payload" {
            /// The payload's number.
            payload: u32,
            /// How long at most, in nanoseconds.
            timeout_ns: u64,
        }
        /// End a payload.
        KillPayload "kill_payload" {
            /// The payload's number.
            payload: u32,
            /// The time between SIGTERM and SIGKILL, in nanoseconds.
            grace_ns: u64,
        }
        /// Look a metric up in the output of a payload.
        ReadMetric "read_metric" {
            /// The payload's number.
            payload: u32,
            /// Its dotted path.
            metric: String,
        }
        /// Read the last words of a payload.
        ReadOutput "read_output" {
            /// The payload's number.
            payload: u32,
        }
        /// Freeze a cgroup.
        Freeze "freeze" {
            /// Which.
            cgroup: String,
        }
        /// Thaw a cgroup.
        Thaw "thaw" {
            /// Which.
            cgroup: String,
        }
        /// Kill all in a cgroup and below it.
        KillCgroup "kill_cgroup" {
            /// Which.
            cgroup: String,
        }
        /// Write a text to a control file.
        WriteFile "write_file" {
            /// Whose.
            cgroup: String,
            /// Which file.
            file: String,
            /// What was written.
            text: String,
        }
        /// Have memory of a cgroup reclaimed.
        Reclaim "reclaim" {
            /// Whose.
            cgroup: String,
            /// How much.
            bytes: u64,
        }
        /// Change the nice value of a group.
        SetNice "set_nice" {
            /// The group's number.
            group: u32,
            /// To what.
            nice: i32,
        }
        /// Change the scheduling policy of a group.
        SetSchedPolicy "set_sched_policy" {
            /// The group's number.
            group: u32,
            /// To what.
            policy: String,
        }
        /// Read the processes of a cgroup.
        ReadProcs "read_procs" {
            /// Which.
            cgroup: String,
            /// What the record is called.
            tag: String,
        }
        /// Note what a file says, for a check of how it changes.
        NoteFile "note_file" {
            /// Whose; empty for a path.
            cgroup: String,
            /// Which file.
            file: String,
            /// Which value of it; empty for all of it.
            key: String,
        }
        /// Read a file until what is expected of it holds.
        CheckFile "check_file" {
            /// Whose; empty for a path.
            cgroup: String,
            /// Which file.
            file: String,
            /// Which value of it; empty for all of it.
            key: String,
            /// What is expected, in words.
            expected: String,
        }
        /// Direct an interrupt to a CPU.
        SteerIrq "steer_irq" {
            /// The interrupt.
            irq: u32,
            /// The CPU.
            cpu: u32,
        }
        /// Direct an interrupt back to where it went before.
        RestoreIrq "restore_irq" {
            /// The interrupt.
            irq: u32,
        }
        /// Start a scheduler's program, and wait until the kernel has enabled the scheduler.
        AttachScheduler "attach_scheduler" {
            /// What it is called.
            name: String,
        }
        /// End a scheduler's program, and wait until the kernel's own scheduler is back.
        DetachScheduler "detach_scheduler" {
            /// What it is called.
            name: String,
        }
        /// Let time pass.
        Hold "hold" {
            /// How much, in nanoseconds.
            length_ns: u64,
        }
        /// Kill what is still in a cgroup.
        KillRemaining "kill_remaining" {
            /// Which.
            cgroup: String,
        }
        /// Remove a cgroup.
        RemoveCgroup "remove_cgroup" {
            /// Which.
            cgroup: String,
        }
        /// Remove the run's own cgroup.
        Finish "finish" {}
    }
}

parts! {
    /// What came of an action.
    pub enum OutcomeEntry as OUTCOME("outcome") shown {
        /// It was carried out.
        Done "done" {}
        /// It was not.
        Failed "failed" {
            /// The stable code; `ktstr explain` says more.
            code: String,
            /// The errno, 0 where there is none.
            errno: i32,
            /// What it is about, such as a file.
            detail: String,
        }
        /// CPUs were seen.
        Cpus "cpus" {
            /// Which.
            cpus: String,
        }
        /// A worker has reported. All that it has measured is listed with its cgroup.
        Report "report" {
            /// How it ended.
            end: WorkerEndEntry,
            /// Iterations of its work.
            iterations: u64,
            /// Units of work.
            work_units: u64,
            /// CPU time, in nanoseconds.
            cpu_ns: u64,
            /// The longest time without progress, in nanoseconds.
            max_gap_ns: u64,
            /// How often it was seen on another CPU than before.
            migrations: u64,
            /// The CPUs it was seen on.
            cpus_used: String,
        }
        /// A payload has ended.
        Ended "ended" {
            /// The code it exited with.
            exit_code: Option<i32>,
            /// The signal that killed it.
            signal: Option<i32>,
        }
        /// A payload has not ended yet.
        TimedOut "timed_out" {}
        /// A metric was looked up.
        Metric "metric" {
            /// Its value; nothing where the output has no such number.
            value: Option<f64>,
        }
        /// A file was read.
        Seen "seen" {
            /// Whether what was expected held; nothing where the backend does not have the file.
            held: Option<bool>,
            /// What it said, cut to 64 bytes.
            text: String,
        }
        /// A scheduler was detached.
        Detached "detached" {
            /// The kind of its exit; nothing where that is not known.
            exit: Option<String>,
            /// Its exit code, as text: it has 64 bits.
            code: String,
            /// Whether it had left before.
            early: bool,
        }
        /// The scheduler has left, so that the wait was over before its time.
        SchedulerDied "scheduler_died" {}
        /// Tasks were killed.
        Killed "killed" {
            /// How many.
            count: u32,
        }
    }
}

impl From<&Action<'_>> for ActionEntry {
    fn from(action: &Action<'_>) -> Self {
        let owned = str::to_owned;
        match *action {
            Action::Prepare { controllers } => Self::Prepare { controllers: controllers.to_string() },
            Action::CreateCgroup { path } => Self::CreateCgroup { cgroup: owned(path) },
            Action::EnableControllers { path, controllers } => {
                Self::EnableControllers { cgroup: owned(path), controllers: controllers.to_string() }
            }
            Action::Write { path, knob, value } => {
                Self::Write { cgroup: owned(path), file: owned(knob.file()), value: value.to_string() }
            }
            Action::Spawn { group, placement, work, workers, seed, affinity: _ } => Self::Spawn {
                group: group.0,
                cgroup: owned(placement.path()),
                work_type: owned(work.work_type.name()),
                workers,
                seed,
            },
            Action::Start => Self::Start {},
            Action::SetAffinity { group, affinity: _ } => Self::SetAffinity { group: group.0 },
            Action::Move { group, to } => Self::Move { group: group.0, cgroup: owned(to.path()) },
            Action::EndCpuWatch { group } => Self::EndCpuWatch { group: group.0 },
            Action::BeginCpuWatch { group } => Self::BeginCpuWatch { group: group.0 },
            Action::AskToStop { group } => Self::AskToStop { group: group.0 },
            Action::Stop { group } => Self::Stop { group: group.0 },
            Action::Collect { group, worker } => Self::Collect { group: group.0, worker },
            Action::StartPayload { id, payload, placement, args: _ } => Self::StartPayload {
                payload: id.0,
                name: owned(payload.name),
                cgroup: owned(placement.path()),
            },
            Action::WaitPayload { id, timeout } => {
                Self::WaitPayload { payload: id.0, timeout_ns: nanos(timeout) }
            }
            Action::KillPayload { id, grace } => Self::KillPayload { payload: id.0, grace_ns: nanos(grace) },
            Action::ReadMetric { id, metric } => Self::ReadMetric { payload: id.0, metric: owned(metric) },
            Action::ReadOutput { id } => Self::ReadOutput { payload: id.0 },
            Action::Freeze { path } => Self::Freeze { cgroup: owned(path) },
            Action::Thaw { path } => Self::Thaw { cgroup: owned(path) },
            Action::KillCgroup { path } => Self::KillCgroup { cgroup: owned(path) },
            Action::WriteFile { path, file, text } => {
                Self::WriteFile { cgroup: owned(path), file: owned(file), text: owned(text) }
            }
            Action::Reclaim { path, bytes, whole: _ } => Self::Reclaim { cgroup: owned(path), bytes },
            Action::SetNice { group, nice } => Self::SetNice { group: group.0, nice },
            Action::SetSchedPolicy { group, policy } => {
                Self::SetSchedPolicy { group: group.0, policy: format!("{policy:?}") }
            }
            Action::ReadProcs { path, tag } => Self::ReadProcs { cgroup: owned(path), tag: owned(tag) },
            Action::NoteFile { path, check } => Self::NoteFile {
                cgroup: owned(path),
                file: owned(check.file),
                key: owned(check.key.unwrap_or("")),
            },
            Action::CheckFile { path, check } => Self::CheckFile {
                cgroup: owned(path),
                file: owned(check.file),
                key: owned(check.key.unwrap_or("")),
                expected: expected_of(check),
            },
            Action::SteerIrq { irq, cpu } => Self::SteerIrq { irq, cpu },
            Action::RestoreIrq { irq } => Self::RestoreIrq { irq },
            Action::AttachScheduler { scheduler } => Self::AttachScheduler { name: owned(scheduler.name) },
            Action::DetachScheduler { scheduler } => Self::DetachScheduler { name: owned(scheduler.name) },
            Action::Hold { length } => Self::Hold { length_ns: nanos(length) },
            Action::KillRemaining { path } => Self::KillRemaining { cgroup: owned(path) },
            Action::RemoveCgroup { path } => Self::RemoveCgroup { cgroup: owned(path) },
            Action::Finish => Self::Finish {},
        }
    }
}

impl From<&Outcome> for OutcomeEntry {
    fn from(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done {},
            Outcome::Failed(fault) => Self::from(fault),
            Outcome::Cpus(cpus) => Self::Cpus { cpus: cpus.to_string() },
            Outcome::Report(report) => Self::from(report),
            Outcome::Ended(end) => {
                let (exit_code, signal) = ending(end.status);
                Self::Ended { exit_code, signal }
            }
            Outcome::TimedOut => Self::TimedOut {},
            // JSON has no other numbers.
            Outcome::Metric(value) => Self::Metric { value: value.filter(|value| value.is_finite()) },
            Outcome::Seen(seen) => {
                Self::Seen { held: seen.modelled.then_some(seen.held), text: seen.text.to_string() }
            }
            Outcome::Detached(end) => Self::Detached {
                exit: end.exit.map(|exit| exit.word().to_owned()),
                code: end.code.to_string(),
                early: end.early,
            },
            Outcome::SchedulerDied => Self::SchedulerDied {},
            Outcome::Killed { count } => Self::Killed { count: *count },
        }
    }
}

impl From<&Fault> for OutcomeEntry {
    fn from(fault: &Fault) -> Self {
        let detail = fault.detail.as_str().to_owned();
        Self::Failed { code: fault.kind.code().to_owned(), errno: fault.errno, detail }
    }
}

impl From<&WorkerReport> for OutcomeEntry {
    fn from(report: &WorkerReport) -> Self {
        Self::Report {
            end: report.end.into(),
            iterations: report.iterations,
            work_units: report.work_units,
            cpu_ns: report.cpu_ns,
            max_gap_ns: report.max_gap_ns,
            migrations: report.migrations,
            cpus_used: report.cpus_used.to_string(),
        }
    }
}

pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::{ActionKind, FaultKind, WorkerEnd};

    #[test]
    fn entries_have_the_kinds_of_actions_and_no_others() {
        let kinds: Vec<_> = (ACTION.shapes)().iter().map(|shape| shape.name.to_owned()).collect();
        let word = |kind: ActionKind| serde_json::to_value(kind).expect("JSON").as_str().map(str::to_owned);
        let actions: Vec<_> = ActionKind::ALL.into_iter().filter_map(word).collect();
        assert_eq!(kinds, actions);
        for action in [Action::Start, Action::Finish, Action::Freeze { path: "a" }] {
            let json = serde_json::to_value(ActionEntry::from(&action)).expect("JSON");
            assert_eq!(json.get("kind"), serde_json::to_value(action.kind()).ok().as_ref());
        }
    }

    #[test]
    fn parts_are_written_as_json_and_shown_as_one_line() {
        let fault = Fault::from_errno(16, "cell");
        let outcome = OutcomeEntry::from(&Outcome::Failed(fault));
        let json = serde_json::json!({ "kind": "failed", "code": "F003", "errno": 16, "detail": "cell" });
        assert_eq!(serde_json::to_value(&outcome).ok(), Some(json.clone()));
        assert_eq!(serde_json::from_value::<OutcomeEntry>(json).ok(), Some(outcome.clone()));
        for (entry, line) in [
            (outcome, "failed: code F003, errno 16, detail cell"),
            (OutcomeEntry::from(&Outcome::TimedOut), "timed out"),
            (OutcomeEntry::from(&Outcome::Metric(None)), "metric: value none"),
            (OutcomeEntry::from(&Outcome::Metric(Some(1.5))), "metric: value 1.5"),
            (OutcomeEntry::from(&Outcome::Metric(Some(f64::NAN))), "metric: value none"),
            (
                OutcomeEntry::from(&WorkerReport { end: WorkerEnd::Signalled(9), ..WorkerReport::default() }),
                "report: end killed by SIGKILL (9), iterations 0, work_units 0, cpu_ns 0, max_gap_ns 0, migrations 0, \
                 cpus_used ",
            ),
            (OutcomeEntry::from(&Fault::new(FaultKind::TimedOut, "")), "failed: code F013, errno 0, detail "),
        ] {
            assert_eq!(entry.to_string(), line);
        }
        let hold = ActionEntry::from(&Action::Hold { length: Duration::from_millis(5) });
        assert_eq!(hold.to_string(), "hold: length_ns 5000000");
    }
}
