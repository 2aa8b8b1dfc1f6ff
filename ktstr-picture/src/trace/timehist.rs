//! The slices of a trace as a table for people, as `perf sched timehist` shows them.

use super::{Owners, Trace};
use ktstr_file::report::text::{table, time};

/// The table: a row for each slice, in the order of their ends, and below it what was lost. `most` rows are
/// shown at most, all without it.
pub fn timehist(trace: &Trace, owners: &Owners, most: Option<usize>) -> String {
    let slices = trace.slices();
    let mut rows = vec![["at", "CPU", "task", "cgroup", "waited", "ran"].map(str::to_owned)];
    let shown = most.unwrap_or(usize::MAX).min(slices.len());
    for slice in &slices[..shown] {
        let cgroup = owners.at(slice.task.pid, slice.from_ns).unwrap_or("-");
        rows.push([
            format!("{:.6}", slice.to_ns as f64 / 1e9),
            slice.cpu.to_string(),
            format!("{}[{}]", slice.task.comm, slice.task.pid),
            cgroup.to_owned(),
            time(slice.waited_ns.max(0) as f64),
            time(slice.to_ns.saturating_sub(slice.from_ns).max(0) as f64),
        ]);
    }
    let more = slices.len() - shown;
    let more = if more > 0 { format!("and {more} more\n") } else { String::new() };
    format!("{}{more}{} slices, {} records lost\n", table(&rows), slices.len(), trace.lost)
}
