//! Workers in a report: each by itself, each group with its window and rates, and what those of a cgroup come
//! to. The measurements are those of the core's table.

use ktstr_core::{WorkerEnd, WorkerReport, with_measurements};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};

use super::parts::{Described, fields, parts};
use super::signal::signal_text;
use crate::schema::shape::Kind;

fields! {
    /// From when to when a group worked.
    #[derive(Eq)]
    pub struct WindowEntry as WINDOW("window") {
        /// When it was started, in nanoseconds from the start of the run.
        pub start_ns: u64,
        /// When it was asked to stop, in nanoseconds from the start of the run.
        pub end_ns: u64,
    }
}

fields! {
    /// What several workers took for each second of their window.
    pub struct RatesEntry as RATES("rates") {
        /// Iterations of all workers for each second.
        pub iterations_per_s: f64,
        /// Units of work of all workers for each second.
        pub units_per_s: f64,
        /// CPU time of all workers over the length of the window: 2.0 are two CPUs all the time.
        pub cpus: f64,
    }
}

parts! {
    /// How a worker ended.
    #[derive(Eq)]
    pub enum WorkerEndEntry as WORKER_END("worker_end") {
        /// It stopped when asked, and reported.
        Stopped "stopped" {}
        /// It did not stop in time and was killed.
        Killed "killed" {}
        /// It exited before it was asked to stop.
        Exited "exited" {
            /// The code it exited with.
            exit_code: i32,
        }
        /// A signal killed it before it was asked to stop.
        Signalled "signalled" {
            /// The signal.
            signal: i32,
        }
        /// Setting it up failed; it did no work.
        SetupFailed "setup_failed" {
            /// The errno of the call that failed.
            errno: i32,
        }
    }
}

impl Default for WorkerEndEntry {
    fn default() -> Self {
        Self::Stopped {}
    }
}

impl From<WorkerEnd> for WorkerEndEntry {
    fn from(end: WorkerEnd) -> Self {
        match end {
            WorkerEnd::Stopped => Self::Stopped {},
            WorkerEnd::Killed => Self::Killed {},
            WorkerEnd::Exited(exit_code) => Self::Exited { exit_code },
            WorkerEnd::Signalled(signal) => Self::Signalled { signal },
            WorkerEnd::SetupFailed(errno) => Self::SetupFailed { errno },
        }
    }
}

impl Display for WorkerEndEntry {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stopped {} => f.write_str("stopped"),
            Self::Killed {} => f.write_str("killed"),
            Self::Exited { exit_code } => write!(f, "exited {exit_code}"),
            Self::Signalled { signal } => write!(f, "killed by {}", signal_text(*signal)),
            Self::SetupFailed { errno } => write!(f, "setup failed {errno}"),
        }
    }
}

impl Described for WorkerEndEntry {
    const KIND: Kind = Kind::Variants(&WORKER_END);

    fn shown(&self) -> String {
        self.to_string()
    }
}

macro_rules! entries {
    (
        together { $( $name:ident $key:ident $together:ident $unit:ident $heading:literal $doc:literal; )+ }
        own { $( $oname:ident $okey:ident $otogether:ident $ounit:ident $oheading:literal $odoc:literal; )+ }
    ) => {
        /// One worker.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct WorkerEntry {
            /// The group it belonged to, in the order of their creation.
            pub group: u32,
            /// Its number in the group.
            pub worker: u32,
            /// Its process id, 0 where there is none.
            #[serde(default)]
            pub pid: u32,
            /// How it ended.
            pub end: WorkerEndEntry,
            $( #[doc = $doc] pub $key: u64, )+
            $( #[doc = $odoc] #[serde(default)] pub $okey: u64, )+
            /// The CPUs it was seen on.
            pub cpus_used: String,
        }

        /// What the measurements of several workers come to: sums, or of times without a sum the longest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Totals {
            $( #[doc = $doc] pub $key: u64, )+
        }

        impl WorkerEntry {
            /// What a worker has measured.
            pub fn of(group: u32, worker: u32, report: &WorkerReport) -> Self {
                Self {
                    group,
                    worker,
                    pid: report.pid,
                    end: report.end.into(),
                    $( $key: report.$key, )+
                    $( $okey: report.$okey, )+
                    cpus_used: report.cpus_used.to_string(),
                }
            }
        }

        impl Totals {
            /// Takes one more worker in.
            pub(super) fn add(&mut self, report: &WorkerReport) {
                $( self.$key = put_together!($together self.$key, report.$key); )+
            }

            /// The measurement with this key; nothing where there is none such.
            pub fn get(&self, key: &str) -> Option<u64> {
                match key {
                    $( stringify!($key) => Some(self.$key), )+
                    _ => None,
                }
            }
        }
    };
}

macro_rules! put_together {
    (Sum $a:expr, $b:expr) => {
        $a.saturating_add($b)
    };
    (Max $a:expr, $b:expr) => {
        $a.max($b)
    };
}

with_measurements!(entries);

/// One cgroup and its workers, all those that were ever stopped in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CgroupEntry {
    /// Its path below the run's own cgroup; empty for the runner's.
    pub path: String,
    /// How often it was made.
    pub created: u32,
    /// The CPUs last written into `cpuset.cpus`.
    pub cpuset: Option<String>,
    /// The CPUs on which its workers were seen.
    pub cpus_used: String,
    /// What the measurements of its workers come to.
    #[serde(flatten)]
    pub totals: Totals,
    /// The workers.
    pub workers: Vec<WorkerEntry>,
}

/// One group of workers that was stopped.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GroupEntry {
    /// Its number, in the order of their creation.
    pub group: u32,
    /// Where it was stopped; empty for the runner's cgroup.
    pub cgroup: String,
    /// What its workers did; empty where that is not known.
    pub work_type: String,
    /// How many workers reported.
    pub workers: u32,
    /// From when to when it worked; nothing where it was never started.
    pub window: Option<WindowEntry>,
    /// What it took for each second of its window; nothing without one.
    pub rates: Option<RatesEntry>,
    /// What the measurements of its workers come to.
    #[serde(flatten)]
    pub totals: Totals,
}

impl GroupEntry {
    /// Works the rates out.
    pub(super) fn finish(&mut self) {
        self.rates = self.window.and_then(|window| {
            let seconds = window.end_ns.checked_sub(window.start_ns).filter(|ns| *ns > 0)? as f64 / 1e9;
            Some(RatesEntry {
                iterations_per_s: self.totals.iterations as f64 / seconds,
                units_per_s: self.totals.work_units as f64 / seconds,
                cpus: self.totals.cpu_ns as f64 / 1e9 / seconds,
            })
        });
    }
}
