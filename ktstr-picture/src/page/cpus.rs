//! The lanes of CPUs: who ran there, by cgroup. The axis is cut into columns, and each has the colour of
//! the cgroup that ran in it the longest, so that a page stays small however long the trace is.

use super::axis::Axis;
use super::lanes::HUES;
use super::writer::Writer;
use crate::timeline::Timeline;
use crate::trace::{Owners, Slice, Trace};
use ktstr_file::report::RunReport;
use ktstr_file::report::text::{counted, grouped, time};
use std::collections::BTreeMap;
use std::ops::Range;

/// How many columns a CPU has, and all CPUs together at most.
const COLUMNS: (usize, usize) = (1500, 24_000);
/// How many CPUs have lanes.
const CPUS: u32 = 64;
/// How many wake-ups are listed.
const WAKEUPS: usize = 12;

/// Who a slice is of: a cgroup by its number, or none of the run's.
type Owner = Option<usize>;

/// What is drawn of a trace.
pub(super) struct CpuLanes<'a> {
    trace: &'a Trace,
    owners: Owners,
    timeline: &'a Timeline,
    slices: Vec<Slice>,
}

impl<'a> CpuLanes<'a> {
    pub(super) fn of(report: &RunReport, trace: &'a Trace, timeline: &'a Timeline) -> Self {
        Self { trace, owners: Owners::of(report, trace), timeline, slices: trace.slices() }
    }

    fn owner(&self, slice: &Slice) -> Owner {
        let cgroup = self.owners.at(slice.task.pid, slice.from_ns)?;
        self.timeline.cgroups.iter().position(|lanes| lanes.path == cgroup)
    }

    fn name(&self, owner: Owner) -> &str {
        match owner.map(|number| self.timeline.cgroups[number].path.as_str()) {
            None => "others",
            Some("") => "(runner)",
            Some(path) => path,
        }
    }

    /// The lanes.
    pub(super) fn draw(&self, page: &mut Writer, axis: Axis) {
        let cpus = self.trace.cpus.min(CPUS);
        let columns = COLUMNS.0.min(COLUMNS.1 / cpus.max(1) as usize);
        for cpu in 0..cpus {
            let own: Vec<_> = self.slices.iter().filter(|slice| slice.cpu == cpu).collect();
            let shares = self.shares(&own);
            let most = shares.first().map(|(owner, ns)| {
                format!("{} {:.0}%", self.name(*owner), *ns as f64 / axis.end_ns() as f64 * 100.0)
            });
            page.raw("<div class=\"lane cpu\"><div class=\"name\">CPU ").text(cpu);
            page.raw(" <small>")
                .text(most.as_deref().unwrap_or("idle"))
                .raw("</small></div><div class=\"track\">");
            page.raw("<svg preserveAspectRatio=\"none\" aria-hidden=\"true\" viewBox=\"0 0 ")
                .text(columns)
                .raw(" 10\">");
            for (owner, runs) in self.columns(&own, axis, columns) {
                let (class, height) = match owner {
                    Some(number) => (HUES[number % HUES.len()], 10 - number / HUES.len() % 4 * 2),
                    None => ("others", 4),
                };
                page.raw("<path class=\"").raw(class).raw("\" d=\"");
                for run in runs {
                    page.text(format_args!("M{} {}h{}V10h-{2}z", run.start, 10 - height, run.len()));
                }
                page.raw("\"/>");
            }
            page.raw("</svg></div></div>\n");
        }
        let more = self.trace.cpus - cpus;
        if more > 0 {
            page.element(
                "<p class=\"cut\">",
                counted(u64::from(more), "more CPU has", "more CPUs have"),
                " no lane here.</p>\n",
            );
        }
    }

    /// The time that each owner had of these slices, the most first.
    fn shares(&self, slices: &[&Slice]) -> Vec<(Owner, u64)> {
        let mut shares: BTreeMap<Owner, u64> = BTreeMap::new();
        for slice in slices {
            *shares.entry(self.owner(slice)).or_default() += within(slice, i64::MAX as u64).count_ns();
        }
        let mut shares: Vec<_> = shares.into_iter().collect();
        shares.sort_by_key(|(owner, ns)| (std::cmp::Reverse(*ns), *owner));
        shares
    }

    /// The columns that each owner has, neighbours put together.
    fn columns(&self, slices: &[&Slice], axis: Axis, count: usize) -> BTreeMap<Owner, Vec<Range<usize>>> {
        let mut ran: Vec<BTreeMap<Owner, u64>> = vec![BTreeMap::new(); count];
        let column_ns = (axis.end_ns() / count as u64).max(1);
        for slice in slices {
            let owner = self.owner(slice);
            let Part { from_ns, to_ns } = within(slice, axis.end_ns());
            let (first, last) = ((from_ns / column_ns) as usize, (to_ns / column_ns) as usize);
            for (column, ran) in ran.iter_mut().enumerate().take(last + 1).skip(first) {
                let (begin, end) = (column as u64 * column_ns, (column as u64 + 1) * column_ns);
                *ran.entry(owner).or_default() += to_ns.min(end).saturating_sub(from_ns.max(begin));
            }
        }
        let mut out: BTreeMap<Owner, Vec<Range<usize>>> = BTreeMap::new();
        for (column, ran) in ran.into_iter().enumerate() {
            let busy: u64 = ran.values().sum();
            // A column that was idle for the most part is left empty.
            let Some((owner, _)) =
                ran.into_iter().max_by_key(|(_, ns)| *ns).filter(|_| busy * 2 >= column_ns)
            else {
                continue;
            };
            let runs = out.entry(owner).or_default();
            match runs.last_mut() {
                Some(last) if last.end == column => last.end += 1,
                _ => runs.push(column..column + 1),
            }
        }
        out
    }

    /// What the trace says in words and tables.
    pub(super) fn tables(&self, page: &mut Writer) {
        page.raw("<section><h2>Trace</h2>\n<p class=\"quiet\">")
            .text(grouped(self.trace.records.len() as u64));
        page.raw(" records, ").text(grouped(self.slices.len() as u64)).raw(" slices; ");
        page.text(grouped(self.trace.lost))
            .raw(" records were lost. What is traced costs time: a run without a trace is ");
        page.raw("another. The colour of a column is that of the cgroup which ran in it the longest; low grey ones are of tasks ");
        page.raw("that are none of the run&#39;s cgroups, empty ones were idle.</p>\n");
        let rows: Vec<_> = (0..self.trace.cpus.min(CPUS))
            .flat_map(|cpu| {
                let own: Vec<_> = self.slices.iter().filter(|slice| slice.cpu == cpu).collect();
                let shares = self.shares(&own).into_iter().take(8);
                shares
                    .map(|(owner, ns)| [cpu.to_string(), self.name(owner).to_owned(), time(ns as f64)])
                    .collect::<Vec<_>>()
            })
            .collect();
        page.raw("<details><summary>Who had which CPU</summary>\n");
        page.table(["CPU", "cgroup", "CPU time"], &rows);
        page.raw("</details>\n");
        self.wakeups(page);
        page.raw("</section>\n");
    }

    fn wakeups(&self, page: &mut Writer) {
        let waits = self.trace.slowest_wakeups(WAKEUPS);
        if waits.is_empty() {
            return;
        }
        page.raw("<h3>Slowest wake-ups</h3>\n<div class=\"wide\"><table><thead><tr><th></th><th scope=\"col\">waited</th>");
        page.raw("<th scope=\"col\">task</th><th scope=\"col\">cgroup</th><th scope=\"col\">from</th><th scope=\"col\">CPU</th>");
        page.raw("</tr></thead><tbody>\n");
        for wait in &waits {
            let from = u64::try_from(wait.from_ns).unwrap_or(0);
            let to = u64::try_from(wait.to_ns).unwrap_or(0);
            page.raw("<tr><td><a href=\"#timeline\" data-from=\"").text(from).raw("\" data-to=\"").text(to);
            page.raw("\">show</a></td>").element("<td>", time(to.saturating_sub(from) as f64), "</td>");
            page.element("<td>", format!("{} [{}]", wait.task.comm, wait.task.pid), "</td>");
            page.element("<td>", self.owners.at(wait.task.pid, wait.from_ns).unwrap_or("-"), "</td>");
            page.element("<td>", time(from as f64), "</td>").element("<td>", wait.cpu, "</td></tr>\n");
        }
        page.raw("</tbody></table></div>\n");
    }
}

/// The part of a slice that is on the axis.
struct Part {
    from_ns: u64,
    to_ns: u64,
}

impl Part {
    fn count_ns(&self) -> u64 {
        self.to_ns - self.from_ns
    }
}

fn within(slice: &Slice, end_ns: u64) -> Part {
    let on_axis = |at: i64| u64::try_from(at).unwrap_or(0).min(end_ns);
    let from_ns = on_axis(slice.from_ns);
    Part { from_ns, to_ns: on_axis(slice.to_ns).max(from_ns) }
}
