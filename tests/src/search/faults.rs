//! Whatever fails and whenever the supervisor dies: nothing stays behind that the report does not name, and
//! recovery removes the rest. One scenario with given faults at a time; which faults is the caller's choice.

use super::meant::{Meant, meant};
use super::theorem::{is_empty, with_forced};
use ktstr_core::{Backend, Observer, Op, Payload, Report, Scenario, Step, play as play_through};
use ktstr_mock::fault::FaultInjector;
use ktstr_mock::{MockBackend, MockKernel};

/// What the run says that it has left behind.
#[derive(Default)]
struct Reported<'a>(Vec<&'a str>);

impl<'a> Observer<'a> for Reported<'a> {
    fn leftover(&mut self, path: &'a str) {
        self.0.push(path);
    }
}

/// Plays a scenario on a backend that is broken already, then recovers. `forker` is the program that leaves
/// children.
///
/// # Errors
/// What is left and not named, or left after recovery.
pub fn play<'a>(
    scenario: &'a Scenario<'a>,
    broken: &mut FaultInjector<MockBackend>,
    forker: &str,
) -> Result<(), String> {
    let mut reported = Reported::default();
    let topology = *broken.topology();
    let report = with_forced(scenario, &topology, |checked, _, records| {
        play_through(checked, records, broken, 7, &mut reported).expect("enough records")
    });
    if !broken.has_crashed() {
        all_is_reported(&report, &reported.0, broken.inner())?;
    }
    broken.inner_mut().crash();
    broken.recover();
    if forks_beside_the_run(scenario, forker) {
        return Ok(());
    }
    is_empty(broken.inner()).map_err(|left| format!("after recovery {left}"))
}

/// Whether a payload runs in the runner's own cgroup and forks: after a crash nobody can tell its children
/// from others.
fn forks_beside_the_run(scenario: &Scenario<'_>, forker: &str) -> bool {
    let forks = |payload: &Payload<'_>| payload.binary == forker;
    let beside = |op: &Op<'_>| match meant(op) {
        Meant::Starts { payload, beside_the_run } => beside_the_run && forks(payload),
        Meant::Else
        | Meant::Makes { .. }
        | Meant::Swaps
        | Meant::Removes
        | Meant::Stops(_)
        | Meant::Kills { .. }
        | Meant::Ends { .. }
        | Meant::Replaces => false,
    };
    let of_step = |step: &Step<'_>| step.ops.iter().any(beside) || step.payload.is_some_and(forks);
    let backdrop = &scenario.backdrop;
    backdrop.payloads.iter().any(|payload| forks(payload))
        || backdrop.ops.iter().any(beside)
        || scenario.steps.iter().any(of_step)
}

/// Whether what is left is named.
fn all_is_reported(report: &Report, reported: &[&str], mock: &MockBackend) -> Result<(), String> {
    if report.leftovers as usize != reported.len() {
        return Err(format!("{} things are counted, {reported:?} are named", report.leftovers));
    }
    if reported.is_empty() {
        return is_empty(mock).map_err(|left| format!("nothing is named, but {left}; {report:?}"));
    }
    each_cgroup(mock.kernel(), "ktstr/run", "", &mut |path| {
        if reported.contains(&path) {
            Ok(())
        } else {
            Err(format!("cgroup {path:?} is left, only {reported:?} are named"))
        }
    })
}

fn each_cgroup(
    kernel: &MockKernel,
    top: &str,
    path: &str,
    visit: &mut impl FnMut(&str) -> Result<(), String>,
) -> Result<(), String> {
    let full = if path.is_empty() { top.to_owned() } else { format!("{top}/{path}") };
    let Ok(children) = kernel.children(&full) else { return Ok(()) };
    visit(path)?;
    for child in children {
        let below = if path.is_empty() { child.to_owned() } else { format!("{path}/{child}") };
        each_cgroup(kernel, top, &below, visit)?;
    }
    Ok(())
}
