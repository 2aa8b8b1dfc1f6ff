//! The rows: kind, name in reports, key with how its bound is said and, after `of`, the key of scenario files
//! that says both ends of a range, relation, unit, of whom it can be said, and how it is read off a group.
//! The documentation of a row says what is measured, and what is not.

use super::{
    BoundKind, CheckBound, CheckInfo, CheckSubject, CheckUnit, Moment, NumberRange, RangeEnd, Reading,
    Relation,
};
use crate::report::worker_report::WorkerReport;
use core::time::Duration;
use serde::Serialize;

const NANOS_PER_SEC: f64 = 1e9;

/// Share of its own window that a worker had a CPU, 0 to 1.
fn cpu_share(worker: &WorkerReport) -> Option<f64> {
    (worker.wall_ns > 0).then(|| (worker.cpu_ns as f64 / worker.wall_ns as f64).min(1.0))
}

checks! {
    always {
        /// No worker ended before it was asked to stop, and none lost its report.
        WorkersLived "workers_lived" = 0.0, AtMost, CheckUnit::Count("worker", "workers"), Reading::EndedEarly;
    }
    scenario {
        /// Each worker did some work: one unit of it, which a worker also does inside an iteration that it
        /// does not end. Use `min_share` to say how much is enough.
        NotStarved "not_starved" = not_starved: flag(1.0), AtLeast, CheckUnit::Count("unit", "units"), Groups,
            Reading::Least(|worker| Some(worker.work_units as f64));
        /// Each worker had a CPU for at least this share of its window, from the start of its group to its
        /// stop. Time in which it was frozen, throttled or asleep on purpose belongs to the window.
        MinShare "min_share" = min_share: number(NumberRange::Share), AtLeast, CheckUnit::Share, Groups,
            Reading::Least(cpu_share);
        /// The group had at least this share of the CPU time that all groups of workers of the run had in its
        /// window. What payloads use does not count. A group that worked during a part of the window only,
        /// and beyond it, makes the share unknown, for its CPU time is measured as a whole: groups that start
        /// before the same hold and stop together, or inside the window, can be compared.
        MinCpuShare "min_cpu_share" = min_cpu_share of cpu_share Min: number(NumberRange::Share), AtLeast,
            CheckUnit::Share, Groups, Reading::ShareOfAll;
        /// The group had at most this share of the CPU time that all groups of workers of the run had in its
        /// window; see `min_cpu_share`.
        MaxCpuShare "max_cpu_share" = max_cpu_share of cpu_share Max: number(NumberRange::Share), AtMost,
            CheckUnit::Share, Groups, Reading::ShareOfAll;
        /// The workers of the group together used at least this much CPU time over the length of their
        /// window, as a share of one CPU: 1.5 is one and a half CPUs all the time.
        MinCpuUsage "min_cpu_usage" = min_cpu_usage of cpu_usage Min: number(NumberRange::FromZero), AtLeast,
            CheckUnit::Share, Groups, Reading::Usage;
        /// The workers of the group together used at most this much CPU time over the length of their window,
        /// as a share of one CPU.
        MaxCpuUsage "max_cpu_usage" = max_cpu_usage of cpu_usage Max: number(NumberRange::FromZero), AtMost,
            CheckUnit::Share, Groups, Reading::Usage;
        /// Each worker was only seen on CPUs that its cgroup's cpuset had at the time. A worker looks at each
        /// checkpoint where it runs; what happens between two of them is not seen.
        Isolation "isolation" = isolation: flag(0.0), AtMost, CheckUnit::Count("CPU outside", "CPUs outside"), Groups,
            Reading::Strayed;
        /// No worker went longer than this without progress: the longest time between two of its checkpoints.
        /// Time in which it was frozen, or asleep on purpose, is no gap; time throttled by `cpu.max` is.
        MaxGap "max_gap" = max_gap: time, AtMost, CheckUnit::Time, Groups,
            Reading::MostAt(
                |worker| Some(worker.max_gap_ns as f64),
                |worker| Moment { at_ns: worker.gap_end_ns, cpu: worker.gap_cpu as u32 },
            );
        /// The workers of a group had a CPU for about equal shares of their windows: the largest less the
        /// smallest share of time off CPU within the group, in percentage points.
        MaxSpread "max_spread" = max_spread_pct: number(NumberRange::FromZero), AtMost, CheckUnit::Points, SeveralWorkers,
            Reading::Spread(|worker| cpu_share(worker).map(|share| 100.0 - 100.0 * share));
        /// The workers of a group got about equally far: standard deviation over mean of their iterations.
        MaxThroughputCv "max_throughput_cv" = max_throughput_cv: number(NumberRange::FromZero), AtMost, CheckUnit::Ratio,
            SeveralWorkers, Reading::Variation(|worker| Some(worker.iterations as f64));
        /// Each worker did at least this many units of work for each second of CPU time. Time without a CPU
        /// does not count, so this is about how fast the CPU was, not about how much of it there was.
        MinWorkRate "min_work_rate" = min_work_rate: number(NumberRange::FromZero), AtLeast, CheckUnit::Rate, Groups,
            Reading::Least(|worker| {
                (worker.cpu_ns > 0).then(|| worker.work_units as f64 / (worker.cpu_ns as f64 / NANOS_PER_SEC))
            });
        /// The 99th percentile (nearest rank) of each worker's time from wake-up to running. Wake-ups during
        /// which the group was frozen are not measured.
        MaxP99WakeLatency "max_p99_wake_latency" = max_p99_wake_latency: time, AtMost, CheckUnit::Time, WakingWorkers,
            Reading::Most(|worker| (worker.wakeups > 0).then_some(worker.wake_p99_ns as f64));
    }
    payloads {
        /// The payload exits with this code, 0 to 255. A code of 128 + n is also met by a death by signal n,
        /// as a shell would say it; use `signal` to ask for the death alone.
        ExitCode "exit_code", Equals, CheckUnit::Code;
        /// The payload is killed by this signal. An exit of its own never meets it, whatever the code.
        Signal "signal", Equals, CheckUnit::Signal;
        /// The payload ended before the wait for it was over. How long it ran counts from its start.
        EndedInTime "ended_in_time", AtMost, CheckUnit::Time;
        /// A metric in the payload's output is at least the bound; one that is not there fails.
        MetricMin "metric_min", AtLeast, CheckUnit::Metric;
        /// A metric in the payload's output is at most the bound; one that is not there fails.
        MetricMax "metric_max", AtMost, CheckUnit::Metric;
        /// A metric is in the payload's output, and is a number.
        MetricExists "metric_exists", Equals, CheckUnit::Metric;
    }
    ops {
        /// A file says what the operation `expect` expects of it, at that place or soon enough after.
        File "file", Equals, CheckUnit::Metric;
        /// An operation fails with the error that it has to fail with. Where it does not, the run ends there.
        Fails "fails", Equals, CheckUnit::Errno;
    }
    comparisons {
        /// What the workers of a cgroup did in a step, or in all steps, is about so many times what those of
        /// another did, or what they did in another step: the value is that ratio.
        Compared "compared", Equals, CheckUnit::Ratio;
    }
    schedulers {
        /// The scheduler stayed attached until the scenario detached it: that is exit kind 0. Where
        /// `expect_exit` says so, it left before, by an exit of this kind, with the code and the message that
        /// are expected.
        SchedulerLived "scheduler_lived", Equals, CheckUnit::Exit;
    }
}
