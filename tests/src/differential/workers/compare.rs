//! Holding what one side heard against the other, with a tolerance for each measurement.
//!
//! What a kernel decides is compared exactly: what came of each action, how each worker ended, whether it did
//! any work, whether it came to the end of an iteration. What depends on when is compared by numbers, each
//! with its [`Tolerance`].

use super::heard::Heard;
use ktstr_core::{WorkerEnd, WorkerReport};
use std::collections::BTreeMap;
use std::fmt;

/// How far the two sides may be apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// CPU time of a group over its window, in CPUs; nothing for one that does not stand for much, such as
    /// that of work whose speed is the machine's.
    pub group: f64,
    /// The same of one worker: in short windows turns of some milliseconds count.
    pub worker: Option<f64>,
    /// Longest gap of a worker, in nanoseconds, or as a part of the longer gap.
    pub gap: Option<[f64; 2]>,
    /// Length of a worker's window, in nanoseconds: starting and stopping take a kernel some time. One gap
    /// comes on top, for a worker stops when it next has a CPU.
    pub window_ns: f64,
}

impl Tolerance {
    /// Some turns of others.
    pub const GAP_NS: f64 = 25e6;

    /// For work that keeps to one CPU.
    pub const ONE_CPU: Self =
        Self { group: 0.06, worker: Some(0.10), gap: Some([Self::GAP_NS, 0.65]), window_ns: 30e6 };

    /// Only what is compared exactly.
    pub const ENDS: Self = Self { group: f64::INFINITY, worker: None, gap: None, window_ns: f64::INFINITY };
}

/// A measurement on which the two sides do not agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What was looked at, without names: differences of one kind most often have one cause.
    pub kind: &'static str,
    /// Of what.
    pub of: String,
    /// The mock's.
    pub model: String,
    /// The kernel's.
    pub kernel: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}: mock {}, kernel {}", self.kind, self.of, self.model, self.kernel)
    }
}

/// All on which the two sides do not agree.
pub(super) fn compare(model: &Heard, kernel: &Heard, tolerance: &Tolerance) -> Vec<Difference> {
    let mut all = actions(model, kernel);
    if !all.is_empty() {
        return all; // what they measured is of different runs
    }
    let mut groups = BTreeMap::<u32, [f64; 2]>::new();
    for (&(group, worker), (path, mine)) in &model.workers {
        let Some((_, theirs)) = kernel.workers.get(&(group, worker)) else { continue };
        let of = format!("worker {worker} of group {group} in {path}");
        all.extend(workers(&of, mine, theirs, tolerance));
        let [one, other] = groups.entry(group).or_default();
        *one += share(mine);
        *other += share(theirs);
    }
    for (group, [mine, theirs]) in groups {
        let of = format!("group {group}");
        all.extend(numbers("share of the group", &of, [mine, theirs], tolerance.group));
    }
    all.extend(ends(model, kernel));
    all
}

fn actions(model: &Heard, kernel: &Heard) -> Vec<Difference> {
    let length = model.actions.len().max(kernel.actions.len());
    let at = |heard: &Heard, index: usize| heard.actions.get(index).cloned().unwrap_or_default();
    let first = (0..length).find(|&index| at(model, index) != at(kernel, index));
    let differ = |index| Difference {
        kind: "action",
        of: format!("number {index}"),
        model: at(model, index),
        kernel: at(kernel, index),
    };
    first.map(differ).into_iter().collect()
}

fn workers(of: &str, mine: &WorkerReport, theirs: &WorkerReport, tolerance: &Tolerance) -> Vec<Difference> {
    let mut all = Vec::new();
    let stopped = |report: &WorkerReport| report.end == WorkerEnd::Stopped;
    if !(stopped(mine) && stopped(theirs)) {
        return all; // how much it did before it was killed is a matter of luck
    }
    let [worked, iterated]: [fn(&WorkerReport) -> bool; 2] =
        [|report: &WorkerReport| report.work_units > 0, |report: &WorkerReport| report.iterations > 0];
    all.extend(same("work", of, worked(mine), worked(theirs)));
    all.extend(same("iterations", of, iterated(mine), iterated(theirs)));
    let walls = [mine, theirs].map(|report| report.wall_ns as f64);
    let until_stopped = theirs.max_gap_ns as f64;
    all.extend(numbers("window", of, walls, tolerance.window_ns + until_stopped));
    if let Some(apart) = tolerance.worker {
        all.extend(numbers("share", of, [share(mine), share(theirs)], apart));
    }
    if let Some([ns, part]) = tolerance.gap {
        let gaps = [mine, theirs].map(|report| report.max_gap_ns as f64);
        all.extend(numbers("gap", of, gaps, ns.max(part * gaps[0].max(gaps[1]))));
    }
    all
}

/// How the workers of each group ended: which of several alike is killed is the kernel's choice.
fn ends(model: &Heard, kernel: &Heard) -> Vec<Difference> {
    let of = |heard: &Heard| {
        let mut ends = BTreeMap::<u32, Vec<String>>::new();
        for (&(group, _), (_, report)) in &heard.workers {
            ends.entry(group).or_default().push(format!("{:?}", report.end));
        }
        ends.values_mut().for_each(|ends| ends.sort());
        ends
    };
    let (mine, theirs) = (of(model), of(kernel));
    let keys = mine.keys().filter(|group| mine.get(group) != theirs.get(group));
    let differ = |group: &u32| Difference {
        kind: "ends",
        of: format!("group {group}"),
        model: format!("{:?}", mine.get(group)),
        kernel: format!("{:?}", theirs.get(group)),
    };
    let mut all: Vec<_> = keys.map(differ).collect();
    let killed = |heard: &Heard| heard.oom_kills.values().sum::<u64>();
    if killed(model) != killed(kernel) {
        let [model, kernel] = [model, kernel].map(|heard| format!("{:?}", heard.oom_kills));
        all.push(Difference { kind: "kills for want of memory", of: "the run".to_owned(), model, kernel });
    }
    all
}

fn share(report: &WorkerReport) -> f64 {
    report.cpu_ns as f64 / (report.wall_ns as f64).max(1.0)
}

fn same(kind: &'static str, of: &str, mine: bool, theirs: bool) -> Option<Difference> {
    let word = |some| if some { "some" } else { "none" }.to_owned();
    let differ = || Difference { kind, of: of.to_owned(), model: word(mine), kernel: word(theirs) };
    (mine != theirs).then(differ)
}

fn numbers(kind: &'static str, of: &str, [mine, theirs]: [f64; 2], tolerance: f64) -> Option<Difference> {
    let shown =
        |value: f64| if value > 1e3 { format!("{:.1}ms", value / 1e6) } else { format!("{value:.3}") };
    let differ = || Difference { kind, of: of.to_owned(), model: shown(mine), kernel: shown(theirs) };
    ((mine - theirs).abs() > tolerance).then(differ)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> WorkerReport {
        WorkerReport {
            iterations: 10,
            work_units: 10,
            cpu_ns: 200_000_000,
            wall_ns: 400_000_000,
            max_gap_ns: 4_000_000,
            ..WorkerReport::default()
        }
    }

    fn heard(action: &str, reports: &[WorkerReport]) -> Heard {
        let mut heard = Heard { actions: vec![action.to_owned()], ..Heard::default() };
        for (worker, report) in (0..).zip(reports) {
            heard.workers.insert((0, worker), ("a".to_owned(), *report));
        }
        heard
    }

    #[test]
    fn each_measurement_is_compared_and_none_that_is_close() {
        let model = heard("done", &[good(), good()]);
        for (kind, other) in [
            ("", good()),
            (
                "",
                WorkerReport { cpu_ns: 210_000_000, max_gap_ns: 20_000_000, wall_ns: 410_000_000, ..good() },
            ),
            ("work", WorkerReport { work_units: 0, ..good() }),
            ("iterations", WorkerReport { iterations: 0, ..good() }),
            ("window", WorkerReport { cpu_ns: 230_000_000, wall_ns: 460_000_000, ..good() }),
            ("share", WorkerReport { cpu_ns: 150_000_000, ..good() }),
            ("gap", WorkerReport { max_gap_ns: 60_000_000, ..good() }),
            ("ends", WorkerReport { end: WorkerEnd::Signalled(9), ..good() }),
        ] {
            let found = compare(&model, &heard("done", &[good(), other]), &Tolerance::ONE_CPU);
            let kinds: Vec<_> = found.iter().map(|found| found.kind).collect();
            assert!(
                if kind.is_empty() { kinds.is_empty() } else { kinds.contains(&kind) },
                "{kind}: {found:?}"
            );
            let exact = ["work", "iterations", "ends", ""].contains(&kind) || kind == "action";
            let ends = compare(&model, &heard("done", &[good(), other]), &Tolerance::ENDS);
            assert_eq!(!ends.is_empty(), exact && !kind.is_empty(), "{kind}: {ends:?}");
        }
        let found = compare(&model, &heard("failed", &[good(), good()]), &Tolerance::ENDS);
        assert_eq!((found.len(), found[0].kind), (1, "action"));
        let mut killed = heard("done", &[good(), good()]);
        killed.oom_kills.insert("a".to_owned(), 1);
        assert_eq!(compare(&model, &killed, &Tolerance::ENDS).len(), 1);
    }
}
