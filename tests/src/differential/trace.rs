//! One program on both systems with everything that changes on the way, to find out what a kernel does. It
//! goes on past differences, which `compare` does not.

use super::compare::shown;
use super::model::Model;
use super::program::Program;
use super::real::{Hierarchy, pause};
use super::system::{self, Snapshot, Tasks};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How long a kernel that shows something else than the model gets to show the same.
const PATIENCE: Duration = Duration::from_millis(300);

/// Plays a program: each action with its outcome, then what changed in what the kernel shows, and what the
/// model shows where that is something else.
///
/// # Errors
/// When no cgroup can be made or the kernel cannot be cleaned up.
pub fn trace(program: &Program, hierarchy: &Hierarchy) -> Result<String, String> {
    let machine = &hierarchy.machine;
    let mut model = Model::new(machine);
    let mut real = hierarchy.open().map_err(|error| error.to_string())?;
    let (mut modelled, mut existing) = (Tasks::new(), Tasks::new());
    let mut before = system::snapshot(&mut real, &existing, machine.controllers);
    let mut text = String::new();
    for op in &program.0 {
        let expected = shown(system::apply(&mut model, &mut modelled, op));
        let got = shown(system::apply(&mut real, &mut existing, op));
        let view = system::snapshot(&mut model, &modelled, machine.controllers);
        let begin = Instant::now();
        let now = loop {
            let now = system::snapshot(&mut real, &existing, machine.controllers);
            if now == view || begin.elapsed() > PATIENCE {
                break now;
            }
            pause(begin);
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{op}  {}", both(&expected, &got));
        changes(&before, &now, &view, &mut text);
        before = now;
    }
    real.clean()?;
    let _ = hierarchy.restore();
    Ok(text)
}

/// The kernel's view, and the model's where it is another.
fn both(model: &str, kernel: &str) -> String {
    if model == kernel { kernel.to_owned() } else { format!("kernel `{kernel}`, model `{model}`") }
}

fn changes(before: &Snapshot, now: &Snapshot, model: &Snapshot, text: &mut String) {
    for (item, kernel) in now {
        let other = model.get(item).map_or("-", String::as_str);
        let changed = before.get(item).is_some_and(|was| was != kernel);
        if changed || other != kernel {
            let _ = writeln!(text, "    {item}: {}", both(other, kernel));
        }
    }
    for item in model.keys().filter(|item| !now.contains_key(*item)) {
        let _ = writeln!(text, "    {item}: only the model has it");
    }
}
