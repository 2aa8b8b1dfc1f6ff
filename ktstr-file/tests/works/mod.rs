//! Scenarios that have every work type, drawn from the core's table.

use bumpalo::Bump;
use ktstr_core::prelude::*;
use ktstr_core::{FieldValue, Rng};

/// One of each work type, with no argument at its usual value.
pub(crate) fn unusual() -> Vec<WorkType> {
    let mut rng = Rng::new(1);
    WorkType::DEFAULTS
        .into_iter()
        .map(|usual| {
            let says_all =
                |work: &WorkType| work.arguments().all(|(field, value)| field.usual != Some(value));
            let short = |work: &WorkType| work.arguments().all(|(_, value)| is_short(value));
            (0..10_000)
                .map(|_| usual.drawn(|| rng.next_u64()))
                .find(|work| says_all(work) && short(work))
                .unwrap_or_else(|| panic!("{usual:?}: some argument has no other value than its usual one"))
        })
        .collect()
}

fn is_short(value: FieldValue) -> bool {
    match value {
        FieldValue::Time(time) => time.as_secs() < 3600,
        FieldValue::Count(count) => count < 1 << 20,
        FieldValue::Flag(_) | FieldValue::Word(_) => true,
    }
}

/// A scenario with a step that starts a team of each of these.
pub(crate) fn scenario<'a>(arena: &'a Bump, works: &[WorkType]) -> Scenario<'a> {
    let spawn = |work: &WorkType| Op::spawn_host(WorkSpec::new(*work).workers(work.team_size()));
    let ops = arena.alloc_slice_fill_iter(works.iter().map(spawn));
    let steps = arena.alloc([Step::new(ops, HoldSpec::FULL)]);
    Scenario::new("work types").steps(steps)
}
