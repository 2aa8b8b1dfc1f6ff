//! What stands out in a run, as sentences: what checks need not judge and a reader would ask for first. Each
//! names what it is about, and when. A remark is no judgement: it changes no verdict.

mod cpus;
mod ends;
mod limits;
mod weights;

use crate::timeline::{Span, Timeline};
use ktstr_file::report::RunReport;
use ktstr_file::report::text::time;

/// How many of each kind are given; what is beyond is counted in a last one.
const MOST: usize = 6;

/// One sentence, with its place on the axis where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What it is about, in a word or two: `frozen`, `throttled`.
    pub topic: &'static str,
    /// The sentence.
    pub sentence: String,
    /// When it was so.
    pub window: Option<(u64, u64)>,
}

/// All remarks about a run, what is most likely to be a cause first.
pub fn remarks(report: &RunReport, timeline: &Timeline) -> Vec<Remark> {
    let kinds = [
        ends::schedulers(report),
        ends::payloads(report),
        ends::notices(report),
        cpus::outside(report, timeline),
        cpus::crowded(report, timeline),
        cpus::shared(timeline),
        limits::frozen(timeline),
        limits::throttled(report, timeline),
        weights::unequal(report, timeline),
        ends::idle(report, timeline),
        ends::gap(timeline),
        ends::overruns(report),
    ];
    kinds.into_iter().flat_map(bounded).collect()
}

fn bounded(mut all: Vec<Remark>) -> Vec<Remark> {
    let more = all.len().saturating_sub(MOST);
    if more > 0 {
        all.truncate(MOST);
        let topic = all[0].topic;
        all.push(Remark { topic, sentence: format!("and {more} more of this kind"), window: None });
    }
    all
}

/// The name of a cgroup for a sentence.
fn named(path: &str) -> &str {
    if path.is_empty() { "the runner's cgroup" } else { path }
}

fn from_to(from_ns: u64, to_ns: u64) -> String {
    format!("from {} to {}", time(from_ns as f64), time(to_ns as f64))
}

/// How long two spans last together.
fn overlap(one: &Span, other: &Span) -> Option<(u64, u64)> {
    let (from, to) = (one.from_ns.max(other.from_ns), one.to_ns.min(other.to_ns));
    (from < to).then_some((from, to))
}
