//! What is expected of workers, payloads and files, as TOML and as Rust.

use crate::render::rust_values as rust;
use crate::render::rust_values::call;
use crate::render::toml_text::{Table, number, text};
use crate::units::render_duration;
use ktstr_core::{
    Change, CheckBound, CheckInfo, CheckKind, Checks, Comparison, FileCheck, PayloadCheck, RangeEnd, Signal,
};

/// The checks that are asked for, in the order of their rows.
fn asked(checks: &Checks) -> impl Iterator<Item = (&'static CheckInfo, CheckBound)> {
    CheckKind::ALL.into_iter().filter_map(|kind| Some((kind.info(), checks.bound(kind)?)))
}

/// The ends of a range under its key: both as a list, one by its name.
fn toml_range(table: &mut Table, checks: &Checks, key: &'static str) {
    let end = |which| {
        let is_it = |(info, _): &(&CheckInfo, _)| info.range == Some((key, which));
        match asked(checks).find(is_it) {
            Some((_, CheckBound::Number(bound))) => Some(number(bound)),
            _ => None,
        }
    };
    match (end(RangeEnd::Min), end(RangeEnd::Max)) {
        (Some(low), Some(high)) => table.set(key, format!("[{low}, {high}]")),
        (Some(low), None) => table.set(key, format!("{{ min = {low} }}")),
        (None, Some(high)) => table.set(key, format!("{{ max = {high} }}")),
        (None, None) => {}
    }
}

/// `[checks]`
pub(crate) fn toml_checks(checks: &Checks) -> Table {
    let mut table = Table::default();
    let mut last_range = "";
    for (info, bound) in asked(checks) {
        if let Some((key, _)) = info.range {
            if key != last_range {
                toml_range(&mut table, checks, key);
            }
            last_range = key;
            continue;
        }
        let key = info.key;
        match bound {
            CheckBound::Flag => table.set_flag(key, true),
            CheckBound::Time(time) => table.set(key, text(&render_duration(time))),
            CheckBound::Number(bound) => table.set(key, number(bound)),
        }
    }
    table
}

/// An item of `[[compare]]`.
pub(crate) fn toml_comparison(comparison: &Comparison<'_>) -> Table {
    let usual = Comparison::new("", "", comparison.metric, comparison.ratio);
    let mut table = Table::default();
    table.set("of", text(comparison.of));
    table.set_some("against", (comparison.against != comparison.of).then(|| text(comparison.against)));
    table.set("metric", text(comparison.metric.word()));
    table.set_some("step", comparison.step.map(text));
    table.set_some("against_step", comparison.against_step.map(text));
    table.set("ratio", number(comparison.ratio));
    table.set_some("within", (comparison.within != usual.within).then(|| number(comparison.within)));
    table
}

/// The same in Rust.
pub(crate) fn rust_comparison(comparison: &Comparison<'_>) -> String {
    let Comparison { of, against, metric, step, against_step, ratio, within } = *comparison;
    let metric = format!("Compared::{metric:?}");
    let mut code = call("Comparison::new", &[rust::text(of), rust::text(against), metric, rust::real(ratio)]);
    if within != Comparison::new("", "", comparison.metric, ratio).within {
        code.push_str(&call(".within", &[rust::real(within)]));
    }
    match (step, against_step) {
        (None, None) => {}
        (Some(step), None) => code.push_str(&call(".in_step", &[rust::text(step)])),
        (Some(step), Some(other)) => {
            code.push_str(&call(".in_steps", &[rust::text(step), rust::text(other)]));
        }
        (None, Some(other)) => code.push_str(&call(".against_step", &[rust::text(other)])),
    }
    code
}

/// `Checks::NONE` with what is asked for.
pub(crate) fn rust_checks(checks: &Checks) -> String {
    let mut code = "Checks::NONE".to_owned();
    for (info, bound) in asked(checks) {
        let method = info.key;
        let argument = match bound {
            CheckBound::Flag => String::new(),
            CheckBound::Time(time) => rust::duration(time),
            CheckBound::Number(bound) => rust::real(bound),
        };
        code.push_str(&format!(".{method}({argument})"));
    }
    code
}

/// An item of a payload's `checks`.
pub(crate) fn toml_payload_check(check: &PayloadCheck<'_>) -> String {
    let mut table = Table::default();
    table.set_some("metric", check.metric().map(text));
    match *check {
        PayloadCheck::ExitCode(code) => table.set("exit_code", code.to_string()),
        PayloadCheck::Signal(signal) => {
            table.set("signal", signal.name().map_or_else(|| signal.number().to_string(), text))
        }
        PayloadCheck::Min { bound, .. } => table.set("min", number(bound)),
        PayloadCheck::Max { bound, .. } => table.set("max", number(bound)),
        PayloadCheck::Range { low, high, .. } => {
            table.set("min", number(low));
            table.set("max", number(high));
        }
        PayloadCheck::Exists { .. } => {}
    }
    table.inline()
}

/// A payload's check as an expression.
pub(crate) fn rust_payload_check(check: &PayloadCheck<'_>) -> String {
    match *check {
        PayloadCheck::ExitCode(code) => format!("PayloadCheck::exit_code({code})"),
        PayloadCheck::Signal(signal) => call("PayloadCheck::signal", &[rust_signal(signal)]),
        PayloadCheck::Min { metric, bound } => {
            call("PayloadCheck::min", &[rust::text(metric), rust::real(bound)])
        }
        PayloadCheck::Max { metric, bound } => {
            call("PayloadCheck::max", &[rust::text(metric), rust::real(bound)])
        }
        PayloadCheck::Range { metric, low, high } => {
            call("PayloadCheck::range", &[rust::text(metric), rust::real(low), rust::real(high)])
        }
        PayloadCheck::Exists { metric } => call("PayloadCheck::exists", &[rust::text(metric)]),
    }
}

fn rust_signal(signal: Signal) -> String {
    match signal.name() {
        Some(name) => format!("Signal::{name}"),
        None => format!("Signal::new({}).unwrap()", signal.number()),
    }
}

/// The keys of a file's expectation.
pub(crate) fn toml_file_check(check: &FileCheck<'_>) -> Table {
    let mut table = Table::default();
    table.set("file", text(check.file));
    table.set_some("key", check.key.map(text));
    table.set_some("equals", check.equals.map(text));
    table.set_some("contains", check.contains.map(text));
    table.set_some("min", check.min.map(number));
    table.set_some("max", check.max.map(number));
    table.set_some(
        "change",
        check.change.map(|Change { min, max }| {
            let mut ends = Table::default();
            ends.set_some("min", min.map(number));
            ends.set_some("max", max.map(number));
            ends.inline()
        }),
    );
    table.set_some("within", check.within.map(|time| text(&render_duration(time))));
    table
}

/// A file's expectation as an expression.
pub(crate) fn rust_file_check(check: &FileCheck<'_>) -> String {
    let mut code = call("FileCheck::file", &[rust::text(check.file)]);
    let end =
        |bound: Option<f64>| bound.map_or("None".to_owned(), |bound| call("Some", &[rust::real(bound)]));
    for (method, argument) in [
        ("key", check.key.map(rust::text)),
        ("equals", check.equals.map(rust::text)),
        ("contains", check.contains.map(rust::text)),
        ("min", check.min.map(rust::real)),
        ("max", check.max.map(rust::real)),
        (
            "change",
            check
                .change
                .map(|Change { min, max }| format!("Change {{ min: {}, max: {} }}", end(min), end(max))),
        ),
        ("within", check.within.map(rust::duration)),
    ] {
        code.extend(argument.map(|argument| format!(".{method}({argument})")));
    }
    code
}
