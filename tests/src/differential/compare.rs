//! One program on both systems, action by action: the first action after which they differ, and a smaller
//! program that shows the same.

use super::danger;
use super::model::{Machine, Model};
use super::program::{Program, RawOp};
use super::real::{Hierarchy, pause};
use super::system::{self, Snapshot, System, Tasks};
use ktstr_core::Controller;
use ktstr_mock::errno::Errno;
use ktstr_mock::version::{KernelVersion, Quirks};
use std::fmt;
use std::time::{Duration, Instant};

/// How long the kernel gets to show what the model shows at once: freezing, dying and counting go on after
/// the action.
const SETTLE: Duration = Duration::from_millis(1500);
/// The same where `cpu.max` can leave a dying task a millisecond in each second.
const SETTLE_WITH_QUOTA: Duration = Duration::from_secs(30);

/// An action after which the model and the kernel differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Up to the action.
    pub program: Program,
    /// What differs: what was looked at, the model's view, the kernel's.
    pub what: Vec<(String, String, String)>,
}

impl Difference {
    /// The quirk that it is, of those that the model leaves out, on a kernel of this release.
    #[must_use]
    pub fn quirk(&self, version: KernelVersion) -> Option<&'static str> {
        let (last, before) = self.program.0.split_last()?;
        let RawOp::Write { path: cleared, file, text } = last else { return None };
        if file == "cgroup.subtree_control" && text.contains("+pids") {
            return self.leaves_zombies_out(before).then_some("zombies_stay_charged");
        }
        let [(item, model, kernel)] = self.what.as_slice() else { return None };
        let clears = file == "cpuset.cpus" && text.trim().is_empty();
        // Other partitions come, go and change by a write to their files or with their cgroup.
        let another_changed = before.iter().any(|op| match op {
            RawOp::Write { path, file, .. } => path != cleared && file.starts_with("cpuset.cpus"),
            RawOp::Rmdir { .. } => true,
            _ => false,
        });
        let forgets = Quirks::of(version).deadline_holds_cpus && clears && another_changed;
        (forgets && item == "outcome" && model == "! EBUSY" && kernel.is_empty())
            .then_some("deadline_forgets")
    }

    /// Whether all that differs is that the kernel counts fewer tasks, after some may have ended.
    fn leaves_zombies_out(&self, before: &[RawOp]) -> bool {
        let ended = before.iter().any(|op| match op {
            RawOp::Signal { .. } => true,
            RawOp::Write { file, .. } => file == "cgroup.kill",
            _ => false,
        });
        let number = |text: &str| text.parse::<u32>().ok();
        let fewer = |(item, model, kernel): &(String, String, String)| {
            item.ends_with(" pids.current") && number(kernel).is_some() && number(kernel) < number(model)
        };
        ended && self.what.iter().all(fewer)
    }

    /// What it is about, without the names of cgroups: differences of one kind most often have one cause.
    #[must_use]
    pub fn kind(&self) -> String {
        let last = self.program.0.last().map(RawOp::kind).unwrap_or_default();
        let first = self.what.first().map(|(item, model, kernel)| {
            let file = item
                .rsplit_once(' ')
                .map_or(item.as_str(), |(path, file)| if path == "task" { path } else { file });
            format!("{file}: {model} / {kernel}")
        });
        format!("{last}: {}", first.unwrap_or_default())
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program)?;
        for (item, model, kernel) in &self.what {
            writeln!(f, "  -> {item}: model `{model}`, kernel `{kernel}`")?;
        }
        Ok(())
    }
}

/// Runs a program on a fresh model and in a fresh cgroup of the kernel.
///
/// # Errors
/// The first difference.
///
/// # Panics
/// If the kernel's side cannot be set up or cleaned, or the model's own invariants break.
pub fn run(program: &Program, hierarchy: &Hierarchy) -> Result<(), Box<Difference>> {
    let mut model = Model::new(&hierarchy.machine);
    let mut real = hierarchy.open().expect("the hierarchy took a cgroup before");
    let result = run_on(program, &mut model, &mut real, &hierarchy.machine);
    if let Err(left) = real.clean() {
        panic!("{left}, after:\n{program}");
    }
    let kept = hierarchy.restore();
    result.and_then(|()| {
        let (expected, got) = (model.clean(), kept);
        let what = vec![(AFTER.to_owned(), expected.clone(), got.clone())];
        if expected == got { Ok(()) } else { Err(Box::new(Difference { program: program.clone(), what })) }
    })
}

/// What is looked at when a program's cgroups are removed.
const AFTER: &str = "the root's CPUs after all was removed";

fn run_on(
    program: &Program,
    model: &mut Model,
    real: &mut dyn System,
    machine: &Machine,
) -> Result<(), Box<Difference>> {
    let (mut modelled, mut existing) = (Tasks::new(), Tasks::new());
    let patience = if machine.controllers.has(Controller::Cpu) { SETTLE_WITH_QUOTA } else { SETTLE };
    for (at, op) in program.0.iter().enumerate() {
        let so_far = || Program(program.0[..=at].to_vec());
        let differ = |what| Err(Box::new(Difference { program: so_far(), what }));
        let expected = shown(system::apply(model, &mut modelled, op));
        let got = shown(system::apply(real, &mut existing, op));
        if let Err(broken) = model.check() {
            panic!("the model broke its own rule ({broken}) after:\n{}", so_far());
        }
        if expected != got {
            return differ(vec![("outcome".to_owned(), expected, got)]);
        }
        let expected = system::snapshot(model, &modelled, machine.controllers);
        let begin = Instant::now();
        loop {
            let got = system::snapshot(real, &existing, machine.controllers);
            if got == expected {
                break;
            }
            if begin.elapsed() > patience {
                return differ(differences(&expected, &got));
            }
            pause(begin);
        }
    }
    Ok(())
}

/// The outcome of an action in words; nothing for one that went through and reads nothing.
pub(super) fn shown(outcome: Result<String, Errno>) -> String {
    outcome.unwrap_or_else(|errno| format!("! {errno}"))
}

fn differences(expected: &Snapshot, got: &Snapshot) -> Vec<(String, String, String)> {
    let view = |snapshot: &Snapshot, item: &str| snapshot.get(item).map_or("-", String::as_str).to_owned();
    let items: std::collections::BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
    let all = items.into_iter().map(|item| (item.clone(), view(expected, item), view(got, item)));
    all.filter(|(_, model, kernel)| model != kernel).collect()
}

/// Takes actions out as long as a difference of the same kind of last action stays.
#[must_use]
pub fn shrink(found: Difference, hierarchy: &Hierarchy) -> Difference {
    let mut least = found;
    let mut at = 0;
    let leaks = least.what.first().is_some_and(|(item, ..)| item == AFTER);
    while at + usize::from(!leaks) < least.program.0.len() {
        let mut fewer = least.program.clone();
        fewer.0.remove(at);
        if danger::endangers(&fewer, &hierarchy.machine) {
            at += 1;
            continue;
        }
        match run(&fewer, hierarchy) {
            Err(smaller)
                if smaller.what.first().map(|what| &what.0) == least.what.first().map(|what| &what.0) =>
            {
                least = *smaller;
                at = 0;
            }
            _ => at += 1,
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differential::program;
    use ktstr_mock::quirks::QUIRKS;

    #[test]
    fn only_the_quirk_itself_has_its_name() {
        let clear = "write b cpuset.cpus.partition root\nwrite a cpuset.cpus \"\\n\"";
        let enable = "kill q\nwrite . cgroup.subtree_control +pids";
        let alone = "write a cpuset.cpus.partition root\nwrite a cpuset.cpus \"\\n\"";
        let cases = [
            (KernelVersion::V6_12, clear, "outcome", "! EBUSY", "", Some("deadline_forgets")),
            (KernelVersion::V6_12, alone, "outcome", "! EBUSY", "", None),
            (KernelVersion::NEWEST, clear, "outcome", "! EBUSY", "", None),
            (KernelVersion::V6_12, "rmdir b\nwrite a cpuset.cpus 1", "outcome", "! EBUSY", "", None),
            (KernelVersion::V6_12, clear, "outcome", "", "! EBUSY", None),
            (KernelVersion::V6_12, clear, "a cpuset.cpus", "! EBUSY", "", None),
            (KernelVersion::NEWEST, enable, "a pids.current", "1", "0", Some("zombies_stay_charged")),
            (KernelVersion::NEWEST, enable, "a pids.current", "0", "1", None),
            (KernelVersion::NEWEST, enable, "a pids.max", "1", "0", None),
            (KernelVersion::NEWEST, "write . cgroup.subtree_control +pids", "a pids.current", "1", "0", None),
        ];
        for (version, program, item, model, kernel, name) in cases {
            let program = program::parse(program).unwrap();
            let what = vec![(item.to_owned(), model.to_owned(), kernel.to_owned())];
            assert_eq!(Difference { program, what }.quirk(version), name, "{version} {item}");
            assert!(name.is_none_or(|name| QUIRKS.iter().any(|quirk| quirk.name == name && !quirk.modelled)));
        }
    }
}
