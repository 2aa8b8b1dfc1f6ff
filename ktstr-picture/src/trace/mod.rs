//! The kernel's trace of a run: its pages are taken apart by the formats that it gave for them. A trace
//! comes from a guest and is not trusted: every length in it is held against what is there, and what cannot
//! be read is an error or is left out, never a panic.

mod archive;
mod format;
mod owners;
mod pages;
mod slices;
mod timehist;

pub use owners::Owners;
pub use slices::{Slice, Wait};
pub use timehist::timehist;

use archive::Archive;
use format::Format;
use std::collections::BTreeMap;

/// How many records are taken at most.
const MOST: usize = 4_000_000;

/// The trace of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// All records, in the order of their times; of one time in that of their CPUs.
    pub records: Vec<Record>,
    /// How many CPUs there are.
    pub cpus: u32,
    /// How many records the kernel dropped.
    pub lost: u64,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When, in nanoseconds from the start of the run; negative before it.
    pub at_ns: i64,
    /// On which CPU.
    pub cpu: u32,
    /// Which task ran there; 0 where it was idle.
    pub pid: u32,
    /// What happened.
    pub what: What,
}

/// What a record is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// One task left the CPU and another one came.
    Switch {
        /// Who left.
        prev: Task,
        /// Whether it can run on.
        prev_runs: bool,
        /// Who came.
        next: Task,
    },
    /// A task can run again.
    Wakeup {
        /// Which.
        task: Task,
        /// Where it will run.
        cpu: u32,
    },
    /// A task goes to another CPU.
    Migrate {
        /// Which.
        task: Task,
        /// Where from.
        from: u32,
        /// Where to.
        to: u32,
    },
    /// A task was made.
    Fork {
        /// By which.
        parent: u32,
        /// The new one.
        child: Task,
    },
    /// A task ended.
    Exit {
        /// Which.
        task: Task,
    },
    /// A task was attached to a cgroup.
    Attach {
        /// Which.
        pid: u32,
        /// The path from the root of the hierarchy.
        path: String,
    },
    /// Something else, in words.
    Other {
        /// Of which kind: `cgroup_freeze`.
        name: String,
        /// Its fields.
        words: String,
    },
}

/// A task, as the kernel calls it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Task {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub comm: String,
}

impl Trace {
    /// Reads what `ktstr run --trace` wrote.
    ///
    /// # Errors
    /// When it is no trace, as a sentence.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let archive = Archive::read(bytes)?;
        let began_ns = archive.number("began_ns").ok_or("it does not say when the run began")?;
        let formats: BTreeMap<u16, Format> =
            archive.formats().filter_map(Format::read).map(|format| (format.id, format)).collect();
        let mut trace = Self::default();
        for cpu in 0.. {
            let Some(pages) = archive.get(&format!("cpu{cpu}/pages")) else { break };
            trace.cpus = cpu + 1;
            trace.lost = trace.lost.saturating_add(archive.lost(cpu));
            pages::each(pages, |at_ns, data| {
                let is_known = |format: &&Format| trace.records.len() < MOST && data.len() >= format.size();
                let id = data.get(..2).map(|id| u16::from_le_bytes([id[0], id[1]]));
                if let Some(format) = id.and_then(|id| formats.get(&id)).filter(is_known) {
                    let at_ns = at_ns.wrapping_sub(began_ns).cast_signed();
                    let pid = format.number(data, "common_pid").unwrap_or(0) as u32;
                    trace.records.push(Record { at_ns, cpu, pid, what: format.what(data) });
                }
            });
        }
        trace.records.sort_by_key(|record| (record.at_ns, record.cpu));
        Ok(trace)
    }
}

#[cfg(test)]
mod tests;
