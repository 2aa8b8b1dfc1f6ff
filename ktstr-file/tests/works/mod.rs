//! Scenarios that have every work type, drawn from the core's table.

use bumpalo::Bump;
use ktstr_core::prelude::*;
use ktstr_core::{FieldValue, Rng};

/// One of each work type, with no argument at its usual value.
pub(crate) fn unusual() -> Vec<WorkType> {
    let mut rng = Rng::new(1);
    let all = WorkType::DEFAULTS.into_iter().map(|usual| {
        let mut work = usual;
        for (index, field) in usual.info().fields.iter().enumerate() {
            let drawn = (0..10_000).find_map(|_| {
                let value = work.kind_of(index)?.draw(rng.next_u64(), field.usual?)?;
                let mut other = work;
                other.set_argument(index, value);
                let fits = Some(value) != field.usual && is_short(value) && other.team_size() <= 64;
                fits.then_some(other)
            });
            work = drawn.unwrap_or_else(|| panic!("{usual:?}: `{}` is always the same", field.key));
        }
        assert!(work.is_valid(), "{work:?}");
        work
    });
    all.collect()
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
