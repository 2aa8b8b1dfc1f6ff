//! The state of a mock as text that people can read and snapshots can hold: tree, processes, timeline.

use crate::backend::MockBackend;
use crate::kernel::{CgroupId, MockKernel};
use core::fmt::Write;
use ktstr_core::{Action, Outcome};

/// One action and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was answered, in nanoseconds.
    pub at_ns: u64,
    /// What was asked, on one line.
    pub action: String,
    /// What was answered, on one line.
    pub outcome: String,
}

impl Entry {
    pub(crate) fn new(at_ns: u64, action: &Action<'_>, outcome: &Outcome) -> Self {
        Self { at_ns, action: action.to_string(), outcome: outcome_line(outcome) }
    }
}

fn outcome_line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "done".to_owned(),
        Outcome::Failed(fault) => fault.to_string(),
        Outcome::Cpus(cpus) => format!("CPUs {cpus}"),
        Outcome::Report(report) => format!("{} iterations, {:?}", report.iterations, report.end),
        Outcome::Ended(end) => format!("{:?} after {} ns", end.status, end.wall_ns),
        Outcome::TimedOut => "timed out".to_owned(),
        Outcome::Metric(Some(value)) => format!("{value}"),
        Outcome::Metric(None) => "no such number".to_owned(),
        Outcome::Seen(seen) if !seen.modelled => "not modelled".to_owned(),
        Outcome::Seen(seen) => format!("{}: {}", if seen.held { "held" } else { "did not hold" }, seen.text),
        Outcome::Detached(end) => match end.exit {
            Some(exit) if end.early => format!("had left by {}", exit.word()),
            _ => "detached".to_owned(),
        },
        Outcome::SchedulerDied => "the scheduler has left".to_owned(),
        Outcome::Killed { count } => format!("{count} killed"),
    }
}

impl MockKernel {
    /// The tree below a cgroup, one line each: name, type, controllers, tasks, and what is set.
    pub fn dump_tree(&self) -> String {
        let mut out = String::new();
        let mut at = Some(CgroupId::ROOT);
        while let Some(id) = at {
            self.dump_cgroup(id, &mut out);
            at = self.next_below(CgroupId::ROOT, id);
        }
        out
    }

    fn dump_cgroup(&self, id: CgroupId, out: &mut String) {
        let cgroup = self.cg(id);
        let depth = self.path_of(id).split('/').filter(|name| !name.is_empty()).count();
        let name = if depth == 0 { "/" } else { cgroup.name.as_str() };
        _ = write!(out, "{:indent$}{name}", "", indent = depth * 2);
        if !cgroup.subtree_control.is_empty() {
            _ = write!(out, " [{}]", cgroup.subtree_control);
        }
        if id != CgroupId::ROOT && self.type_name(id) != "domain" {
            _ = write!(out, " {}", self.type_name(id));
        }
        if !cgroup.cpuset.cpus.is_empty() {
            _ = write!(out, " cpus={}", cgroup.cpuset.cpus);
        }
        if cgroup.freeze {
            out.push_str(" frozen");
        }
        if cgroup.has_tasks() {
            _ = write!(out, " tasks={}", cgroup.tasks.len());
        }
        out.push('\n');
    }

    /// The live processes, one line each: id, parent, cgroup.
    pub fn dump_procs(&self) -> String {
        let mut lines: Vec<(u32, String)> = Vec::new();
        for task in self.tasks.iter().filter(|task| self.is_alive(task.pid) && task.process == task.pid) {
            let line = format!("{} <- {} /{}\n", task.pid, task.parent, self.path_of(task.cgroup));
            lines.push((task.pid, line));
        }
        lines.sort_unstable();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

impl MockBackend {
    /// The recorded timeline, one line for each action: milliseconds, action, answer.
    pub fn dump_timeline(&self) -> String {
        let mut out = String::new();
        for entry in self.timeline() {
            let ms = entry.at_ns as f64 / 1e6;
            _ = writeln!(out, "{ms:>12.3} ms  {} -> {}", entry.action, entry.outcome);
        }
        out
    }
}
