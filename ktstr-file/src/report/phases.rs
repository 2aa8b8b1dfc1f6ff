//! The phases of a run in a report: what each group of workers did while a step was held, and for people the
//! phases of a group side by side.

use super::WindowEntry;
use super::terminal::harmless_line;
use super::text::{grouped, place, table, time};
use ktstr_core::{GroupId, GroupPhase, Phase, Placement};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How many phases and how many groups are shown; the JSON report has all.
const SHOWN_PHASES: usize = 6;
const SHOWN_GROUPS: usize = 16;

/// One phase: a step, from its first action until what it made begins to go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseEntry {
    /// Which step, from 0.
    pub step: u32,
    /// What the step is called.
    pub name: Option<String>,
    /// From when to when it was.
    pub window: WindowEntry,
    /// The groups that worked in it, in the order of their creation.
    pub groups: Vec<PhaseGroupEntry>,
}

/// What a group of workers did in a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhaseGroupEntry {
    /// Which group, in the order of their creation.
    pub group: u32,
    /// Where it was when the phase, or the group, ended; empty for the runner's cgroup.
    pub cgroup: String,
    /// What it did.
    #[serde(flatten)]
    pub figures: GroupPhase,
    /// Iterations for each second of its window; nothing where it worked for no time.
    pub iterations_per_s: Option<f64>,
    /// Units of work for each second of its window.
    pub units_per_s: Option<f64>,
    /// CPU time over the length of its window: 2.0 are two CPUs all the time.
    pub cpus: Option<f64>,
    /// Its share of the CPU time that all groups had in the phase; nothing where none had any.
    pub cpu_share: Option<f64>,
}

impl PhaseEntry {
    pub(super) fn of(phase: &Phase<'_>) -> Self {
        Self {
            step: phase.step,
            name: phase.name.map(str::to_owned),
            window: WindowEntry {
                start_ns: super::events::nanos(phase.from),
                end_ns: super::events::nanos(phase.to),
            },
            groups: Vec::new(),
        }
    }

    /// Takes a group in.
    pub(super) fn add(&mut self, group: GroupId, at: Placement<'_>, figures: &GroupPhase) {
        self.groups.push(PhaseGroupEntry {
            group: group.0,
            cgroup: at.path().to_owned(),
            figures: *figures,
            iterations_per_s: figures.per_second(figures.iterations),
            units_per_s: figures.per_second(figures.work_units),
            cpus: figures.cpus(),
            cpu_share: None,
        });
    }

    /// Works out which share of the CPU time of all groups each had.
    pub(super) fn finish(mut self) -> Self {
        let all: f64 = self.groups.iter().map(|group| group.figures.cpu_ns as f64).sum();
        for group in &mut self.groups {
            group.cpu_share = (all > 0.0).then(|| group.figures.cpu_ns as f64 / all);
        }
        self
    }

    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("steps[{}]", self.step))
    }
}

/// A row of the table: what it is called, and how it reads of a group in a phase.
type Row = (&'static str, fn(&PhaseGroupEntry) -> Option<String>);

const ROWS: [Row; 8] = [
    ("worked for", |group| Some(time(group.figures.window_ns as f64))),
    ("units/s", |group| group.units_per_s.map(|rate| grouped(rate.round() as u64))),
    ("CPU time", |group| {
        let share = group.cpu_share.map_or(String::new(), |share| format!(" ({:.1}%)", share * 100.0));
        Some(format!("{}{share}", time(group.figures.cpu_ns as f64)))
    }),
    ("run delay", |group| group.figures.run_delay_ns.map(|delay| time(delay as f64))),
    ("wake p50", |group| wake(group, group.figures.wake_p50_ns)),
    ("wake p99", |group| wake(group, group.figures.wake_p99_ns)),
    ("longest gap", |group| Some(time(group.figures.max_gap_ns as f64))),
    ("migrations", |group| Some(grouped(group.figures.migrations))),
];

fn wake(group: &PhaseGroupEntry, latency: u64) -> Option<String> {
    (group.figures.wakeups > 0).then(|| time(latency as f64))
}

/// The phases side by side, a block of rows for each group; nothing where there are not two to compare.
pub(super) fn phases(all: &[PhaseEntry]) -> String {
    if all.len() < 2 || all.iter().all(|phase| phase.groups.is_empty()) {
        return String::new();
    }
    let shown = &all[..all.len().min(SHOWN_PHASES)];
    let mut groups: Vec<(u32, &str)> = Vec::new();
    for group in shown.iter().flat_map(|phase| &phase.groups) {
        if !groups.iter().any(|(known, _)| *known == group.group) {
            groups.push((group.group, &group.cgroup));
        }
    }
    groups.sort_unstable();
    let mut rows = vec![["group", "cgroup", "phase"].map(str::to_owned).to_vec()];
    rows[0].extend(shown.iter().map(PhaseEntry::title));
    for (group, cgroup) in groups.iter().take(SHOWN_GROUPS) {
        for (title, read) in ROWS {
            let cell =
                |phase: &PhaseEntry| phase.groups.iter().find(|one| one.group == *group).and_then(read);
            let cells: Vec<Option<String>> = shown.iter().map(cell).collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let mut row = vec![group.to_string(), place(cgroup), title.to_owned()];
            row.extend(cells.into_iter().map(|cell| cell.unwrap_or_else(|| "-".to_owned())));
            rows.push(row);
        }
    }
    let mut out = format!("\n{}", table(&rows));
    for (what, more) in [
        ("phases", all.len().saturating_sub(SHOWN_PHASES)),
        ("groups", groups.len().saturating_sub(SHOWN_GROUPS)),
    ] {
        if more > 0 {
            let _ = writeln!(out, "{}", harmless_line(&format!("and {more} more {what}")));
        }
    }
    out
}
