//! What programs do on the mock, which cannot run them: a program that somebody waits for ends by itself, as
//! it is checked for, and prints each metric that is checked at its bound; any other runs until it is killed.

use ktstr_core::{DEFAULT_WAIT, Op, Payload, PayloadCheck, Scenario};
use ktstr_file::payloads;
use ktstr_mock::{MockBackend, Script};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// The mock with a script for each program of a scenario that needs one.
pub(crate) fn with_scripts(mut mock: MockBackend, scenario: &Scenario<'_>) -> MockBackend {
    for payload in payloads(scenario) {
        if let Some(script) = script(payload, scenario) {
            mock = mock.payload(payload.name, script);
        }
    }
    mock
}

/// Whether something is assumed about a program.
pub(crate) fn assumes(scenario: &Scenario<'_>) -> bool {
    payloads(scenario).into_iter().any(|payload| script(payload, scenario).is_some())
}

fn all_ops<'s, 'a>(scenario: &'s Scenario<'a>) -> impl Iterator<Item = &'s Op<'a>> {
    scenario.backdrop.ops.iter().chain(scenario.steps.iter().flat_map(|step| step.ops))
}

fn script(payload: &Payload<'_>, scenario: &Scenario<'_>) -> Option<Script> {
    let wait = all_ops(scenario).find_map(|op| match op {
        Op::WaitPayload { name, timeout, .. } if *name == payload.name => {
            Some(timeout.or(payload.timeout).unwrap_or(DEFAULT_WAIT))
        }
        _ => None,
    });
    let metrics = metrics(payload);
    if wait.is_none() && metrics.is_empty() {
        return None;
    }
    let script = match wait {
        Some(wait) => ends_as_checked(payload, (wait / 2).min(Duration::from_secs(1))),
        None => Script::runs(),
    };
    Some(script.prints(&metrics))
}

/// Ends as the first check of its end asks for; without one it exits with 0.
fn ends_as_checked(payload: &Payload<'_>, after: Duration) -> Script {
    let end = payload.checks.iter().find_map(|check| match *check {
        PayloadCheck::ExitCode(code) => Some(Script::exits_after(after, code)),
        PayloadCheck::Signal(signal) => Some(Script::killed_after(after, signal)),
        PayloadCheck::Min { .. }
        | PayloadCheck::Max { .. }
        | PayloadCheck::Range { .. }
        | PayloadCheck::Exists { .. } => None,
    });
    end.unwrap_or_else(|| Script::exits_after(after, 0))
}

/// The checked metrics as JSON, each at its bound; empty where there are none.
fn metrics(payload: &Payload<'_>) -> String {
    let mut values = BTreeMap::new();
    for check in payload.checks {
        match *check {
            PayloadCheck::ExitCode(_) | PayloadCheck::Signal(_) => {}
            PayloadCheck::Min { metric, bound } | PayloadCheck::Max { metric, bound } => {
                values.insert(metric, bound);
            }
            PayloadCheck::Range { metric, low, .. } => {
                values.insert(metric, low);
            }
            PayloadCheck::Exists { metric } => {
                values.entry(metric).or_insert(1.0);
            }
        }
    }
    if values.is_empty() {
        return String::new();
    }
    let tree = Tree::of(&values);
    let mut text = String::new();
    tree.write(&mut text);
    text
}

/// Dotted paths as nested objects.
#[derive(Default)]
struct Tree<'a> {
    value: Option<f64>,
    below: BTreeMap<&'a str, Tree<'a>>,
}

impl<'a> Tree<'a> {
    fn of(values: &BTreeMap<&'a str, f64>) -> Self {
        let mut root = Self::default();
        for (path, value) in values {
            let mut at = &mut root;
            for part in path.split('.') {
                at = at.below.entry(part).or_default();
            }
            at.value = Some(*value);
        }
        root
    }

    fn write(&self, text: &mut String) {
        match self.value {
            Some(value) if self.below.is_empty() => {
                let _ = write!(text, "{value}");
            }
            _ => {
                text.push('{');
                for (position, (key, tree)) in self.below.iter().enumerate() {
                    let _ = write!(text, "{}{key:?}:", if position == 0 { "" } else { "," });
                    tree.write(text);
                }
                text.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checked_metrics_are_printed_at_their_bounds() {
        let checks = [
            PayloadCheck::exit_code(0),
            PayloadCheck::min("read.iops", 5.5),
            PayloadCheck::range("read.lat", 1.0, 2.0),
            PayloadCheck::exists("version"),
        ];
        let payload = Payload::binary("p", "p").checks(&checks);
        assert_eq!(metrics(&payload), "{\"read\":{\"iops\":5.5,\"lat\":1},\"version\":1}");
        assert_eq!(metrics(&Payload::binary("p", "p")), "");
    }
}
