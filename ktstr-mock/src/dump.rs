//! The state of a mock as text that people can read and snapshots can hold: tree, processes, timeline.

use crate::backend::MockBackend;
use crate::kernel::{CgroupId, MockKernel};
use core::fmt::Write;
use ktstr_core::{Action, Knob, Outcome, Topology};

/// A cgroup in which nothing was set.
const NEW: &str = "new";

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

    /// What is set: the control files that say something else than in a new cgroup, a line for each cgroup
    /// that has some.
    pub fn dump_limits(&self) -> String {
        let usual = self.with_a_new_cgroup();
        let mut out = String::new();
        let mut at = self.next_below(CgroupId::ROOT, CgroupId::ROOT);
        while let Some(id) = at {
            let path = self.path_of(id);
            let set = Knob::ALL.into_iter().filter_map(|knob| {
                let (now, new) = (self.read(&path, knob.file()).ok()?, usual.read(NEW, knob.file()).ok()?);
                (now != new).then(|| format!(" {}={}", knob.file(), now.trim_end().replace('\n', "; ")))
            });
            let set: String = set.collect();
            if !set.is_empty() {
                _ = writeln!(out, "{path}{set}");
            }
            at = self.next_below(CgroupId::ROOT, id);
        }
        out
    }

    /// Another kernel of the same version, with a cgroup in which nothing was set.
    fn with_a_new_cgroup(&self) -> Self {
        let machine = Topology::uniform(1, 1, 1, 1);
        let mut other = Self::new(&machine).with_version(self.version()).with_controllers(self.controllers());
        for controller in self.controllers().iter() {
            // A kernel has no other answer to its own controllers.
            _ = other.write("/", "cgroup.subtree_control", &format!("+{}", controller.name()));
        }
        _ = other.mkdir(NEW);
        other
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_shown_and_nothing_else() {
        let mut kernel = MockKernel::new(&Topology::uniform(1, 1, 4, 1));
        for controller in ["cpu", "cpuset", "memory", "pids"] {
            kernel.write("/", "cgroup.subtree_control", &format!("+{controller}")).unwrap();
        }
        for cgroup in ["plain", "web", "web/worker"] {
            kernel.mkdir(cgroup).unwrap();
        }
        assert_eq!(kernel.dump_limits(), "");
        for (file, text) in [("cpu.weight", "200"), ("cpu.max", "50000 100000"), ("memory.max", "67108864")] {
            kernel.write("web", file, text).unwrap();
        }
        kernel.write("plain", "pids.max", "7").unwrap();
        let mut lines: Vec<_> = kernel.dump_limits().lines().map(str::to_owned).collect();
        lines.sort();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[0], "plain pids.max=7");
        for piece in ["web ", "cpu.weight=200", "cpu.max=50000 100000", "memory.max=67108864"] {
            assert!(lines[1].contains(piece), "{lines:?}");
        }
        kernel.write("plain", "pids.max", "max").unwrap();
        assert!(!kernel.dump_limits().contains("plain"));
    }
}
