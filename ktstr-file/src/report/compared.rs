//! Comparisons in words: what was expected, and the two figures with the windows that they are of.

use super::PhaseEntry;
use super::text::{place, time};
use ktstr_core::{Compared, Comparison};

/// `3 times, give or take 20.0%`
pub(super) fn expected_ratio(comparison: &Comparison<'_>) -> String {
    format!("{} times, give or take {:.1}%", comparison.ratio, comparison.within * 100.0)
}

/// `cpu of web is 0.75 CPUs in full (0ns to 500ms), that of batch 0.25 CPUs in full (0ns to 500ms)`
pub(super) fn figures(
    comparison: &Comparison<'_>,
    values: [Option<f64>; 2],
    phases: &[PhaseEntry],
) -> String {
    let value = |value| figure(comparison.metric, value);
    let (of, against) = (place(comparison.of), place(comparison.against));
    let [mine, other] = values.map(value);
    let (here, there) = (when(comparison.step, phases), when(comparison.step_of_against(), phases));
    format!("{} of {of} is {mine} {here}, that of {against} {other} {there}", comparison.metric.word())
}

fn figure(metric: Compared, value: Option<f64>) -> String {
    match (value, metric.unit()) {
        (None, _) => "not known".to_owned(),
        (Some(value), "") => time(value),
        (Some(value), unit) if value < 100.0 => format!("{value:.3} {unit}"),
        (Some(value), unit) => format!("{value:.0} {unit}"),
    }
}

/// In which step that was, and from when to when.
fn when(step: Option<&str>, phases: &[PhaseEntry]) -> String {
    let is_it = |phase: &&PhaseEntry| step.is_none_or(|step| phase.name.as_deref() == Some(step));
    let name = step.map_or("in all steps".to_owned(), |step| format!("in {step}"));
    let mut windows = phases.iter().filter(is_it).map(|phase| phase.window);
    match (windows.next(), windows.next_back()) {
        (None, _) => format!("{name} (which did not play)"),
        (Some(first), last) => {
            let end_ns = last.unwrap_or(first).end_ns;
            format!("{name} ({} to {})", time(first.start_ns as f64), time(end_ns as f64))
        }
    }
}
