//! Who ran where, from when to when: what is between two switches of a CPU. And how long tasks waited from
//! their wake-up until they ran.

use super::{Task, Trace, What};
use std::collections::BTreeMap;

/// A task on a CPU, from one switch to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The CPU.
    pub cpu: u32,
    /// When it came, in nanoseconds from the start of the run.
    pub from_ns: i64,
    /// When it left.
    pub to_ns: i64,
    /// Who it was; never the idle task.
    pub task: Task,
    /// How long it had waited for the CPU since it was woken or was made to leave, in nanoseconds.
    pub waited_ns: i64,
}

/// A wake-up that took long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Who waited.
    pub task: Task,
    /// The CPU that it came to.
    pub cpu: u32,
    /// When it was woken.
    pub from_ns: i64,
    /// When it ran.
    pub to_ns: i64,
}

impl Trace {
    /// All slices of tasks that were not the idle one, in the order of their ends; of each CPU those
    /// between two of its switches, so that the first and the last of a trace, whose begin or end is not in
    /// it, are none.
    pub fn slices(&self) -> Vec<Slice> {
        let mut slices = Vec::new();
        let mut on: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
        let mut waits: BTreeMap<u32, i64> = BTreeMap::new();
        for record in &self.records {
            match &record.what {
                What::Wakeup { task, .. } => _ = waits.entry(task.pid).or_insert(record.at_ns),
                What::Switch { prev, prev_runs, next } => {
                    if let Some((from_ns, waited_ns)) = on.remove(&record.cpu).filter(|_| prev.pid != 0) {
                        let (cpu, to_ns) = (record.cpu, record.at_ns);
                        slices.push(Slice { cpu, from_ns, to_ns, task: prev.clone(), waited_ns });
                    }
                    if *prev_runs && prev.pid != 0 {
                        waits.insert(prev.pid, record.at_ns);
                    }
                    let since = waits.remove(&next.pid).unwrap_or(record.at_ns);
                    on.insert(record.cpu, (record.at_ns, record.at_ns.saturating_sub(since)));
                }
                _ => {}
            }
        }
        slices
    }

    /// The wake-ups after which it took longest until the task ran, the longest first.
    pub fn slowest_wakeups(&self, most: usize) -> Vec<Wait> {
        let mut woken: BTreeMap<u32, i64> = BTreeMap::new();
        let mut waits = Vec::new();
        for record in &self.records {
            match &record.what {
                What::Wakeup { task, .. } => _ = woken.entry(task.pid).or_insert(record.at_ns),
                What::Switch { next, .. } => {
                    if let Some(from_ns) = woken.remove(&next.pid) {
                        let (cpu, to_ns) = (record.cpu, record.at_ns);
                        waits.push(Wait { task: next.clone(), cpu, from_ns, to_ns });
                    }
                }
                _ => {}
            }
        }
        waits.sort_by_key(|wait| (wait.from_ns.saturating_sub(wait.to_ns), wait.from_ns, wait.task.pid));
        waits.truncate(most);
        waits
    }
}
