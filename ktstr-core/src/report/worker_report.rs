//! What one worker has measured of itself, as one table: a row a measurement. This report, the words of
//! shared memory on Linux, the wire, report files with their schema, and the tables that people read derive
//! from the rows. Where a measurement is taken is the backends' business.

use crate::model::cpuset::CpuSet;
use serde::{Deserialize, Serialize};

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerEnd {
    /// It stopped when asked, and reported.
    #[default]
    Stopped,
    /// It did not stop in time and was killed; what it had measured so far is reported.
    Killed,
    /// It exited with this code before it was asked to stop.
    Exited(i32),
    /// This signal killed it before it was asked to stop.
    Signalled(i32),
    /// Setting it up failed with this errno; it did no work.
    SetupFailed(i32),
}

/// What a measurement is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureUnit {
    /// A plain number.
    Count,
    /// Nanoseconds.
    Time,
    /// The number of a CPU.
    Cpu,
}

/// What the measurements of several workers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// Their sum.
    Sum,
    /// The largest.
    Max,
    /// Nothing; each is of its worker.
    Own,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasureInfo {
    /// The measurement.
    pub measure: Measure,
    /// Its key in report files, and its field of [`WorkerReport`].
    pub key: &'static str,
    /// What it is counted in.
    pub unit: MeasureUnit,
    /// What those of several workers come to.
    pub together: Together,
    /// Its heading in the table of cgroups that people read; empty where it has no column there.
    pub heading: &'static str,
    /// What is measured.
    pub doc: &'static str,
}

/// Hands the rows to a macro: those that come together for several workers, and those that do not.
/// A row is variant, field, how several come together, unit, heading, documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! with_measurements {
    ($then:ident) => {
        $then! {
            together {
                Iterations iterations Sum Count "iterations"
                    "Iterations done.";
                WorkUnits work_units Sum Count ""
                    "Units of work done, also inside an iteration that was not ended; a burst of spinning is 1,024.";
                CpuNs cpu_ns Sum Time ""
                    "CPU time used, in nanoseconds.";
                WallNs wall_ns Max Time ""
                    "Time from start to stop, in nanoseconds.";
                MaxGapNs max_gap_ns Max Time "longest gap"
                    "Longest time between two checkpoints, in nanoseconds, less what was slept on purpose and frozen.";
                Migrations migrations Sum Count ""
                    "How often it was seen on another CPU than before.";
                Wakeups wakeups Sum Count ""
                    "Wake-ups measured.";
                WakeP50Ns wake_p50_ns Max Time ""
                    "Median time from wake-up to running, in nanoseconds; 0 without wake-ups.";
                WakeP99Ns wake_p99_ns Max Time ""
                    "99th percentile (nearest rank) of the same.";
                WakeMaxNs wake_max_ns Max Time ""
                    "Longest of the same.";
            }
            own {
                GapEndNs gap_end_ns Own Time ""
                    "When the longest gap ended, in nanoseconds from the start of its group; 0 without a gap.";
                GapCpu gap_cpu Own Cpu ""
                    "The CPU on which it went on after its longest gap.";
            }
        }
    };
}

macro_rules! worker_report {
    ($($block:ident { $(
        $name:ident $key:ident $together:ident $unit:ident $heading:literal $doc:literal;
    )+ })+) => {
        /// The measurements of one worker over its life.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        pub struct WorkerReport {
            /// Its process id, 0 where there is none.
            pub pid: u32,
            $($( #[doc = $doc] pub $key: u64, )+)+
            /// The CPUs it was seen on.
            pub cpus_used: CpuSet,
            /// How it ended.
            pub end: WorkerEnd,
        }

        /// One measurement of a worker; [`info`](Self::info) has its row.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Measure { $($( #[doc = $doc] $name, )+)+ }

        impl Measure {
            /// How many there are.
            pub const COUNT: usize = [$($(Self::$name,)+)+].len();
            /// All, in the order of the table.
            pub const ALL: [Self; Self::COUNT] = [$($(Self::$name,)+)+];

            /// Its row.
            pub const fn info(self) -> &'static MeasureInfo {
                &MEASUREMENTS[self as usize]
            }
        }

        /// All rows, in the order of [`Measure::ALL`].
        pub static MEASUREMENTS: [MeasureInfo; Measure::COUNT] = [$($( MeasureInfo {
            measure: Measure::$name,
            key: stringify!($key),
            unit: MeasureUnit::$unit,
            together: Together::$together,
            heading: $heading,
            doc: $doc,
        }, )+)+];

        impl WorkerReport {
            /// One measurement.
            pub const fn get(&self, measure: Measure) -> u64 {
                match measure { $($( Measure::$name => self.$key, )+)+ }
            }

            /// Sets one measurement.
            pub const fn set(&mut self, measure: Measure, value: u64) {
                match measure { $($( Measure::$name => self.$key = value, )+)+ }
            }
        }
    };
}

with_measurements!(worker_report);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_in_its_place_says_everything_and_has_a_field_of_its_own() {
        let mut report = WorkerReport::default();
        for (index, info) in MEASUREMENTS.iter().enumerate() {
            assert_eq!((info.measure as usize, Measure::ALL[index]), (index, info.measure), "{}", info.key);
            assert!(info.doc.ends_with('.') && info.doc.len() > 10, "{}: {:?}", info.key, info.doc);
            assert_eq!(info.unit == MeasureUnit::Time, info.key.ends_with("_ns"), "{}", info.key);
            report.set(info.measure, index as u64 + 1);
        }
        for (value, measure) in (1..).zip(Measure::ALL) {
            assert_eq!(report.get(measure), value, "{measure:?}");
        }
    }
}
