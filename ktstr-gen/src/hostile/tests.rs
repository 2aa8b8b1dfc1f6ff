//! What any bytes come to: a scenario, and of each kind of thing some that validation has to refuse.

use super::*;
use ktstr_core::{Bound, FieldKind, Rng};
use std::collections::BTreeSet;

#[test]
fn every_check_is_drawn_and_every_number_with_a_bound_that_it_cannot_have() {
    let drawn: Vec<Checks> = (0..=255).map(drawn_checks).collect();
    for kind in CheckKind::ALL.into_iter().filter(|kind| kind.is_settable()) {
        let info = kind.info();
        let bounds = || drawn.iter().filter_map(|checks| checks.bound(kind));
        let may_fail = matches!(info.bound, BoundKind::Flag(_) | BoundKind::Number(NumberRange::Share));
        assert!(
            may_fail && kind != CheckKind::Isolation || bounds().any(|bound| info.admits(bound)),
            "{kind:?}"
        );
        let is_number = matches!(info.bound, BoundKind::Number(_));
        assert_eq!(bounds().any(|bound| !info.admits(bound)), is_number, "{kind:?}");
    }
}

#[test]
fn any_bytes_make_a_scenario() {
    let empty = with_scenario(&[], |scenario| (scenario.steps.len(), scenario.backdrop.is_empty()));
    assert_eq!(empty, (0, true));
    for byte in 0..=255 {
        let most = with_scenario(&[byte; 512], |scenario| scenario.steps.len());
        assert!(most <= MAX_STEPS);
    }
}

#[test]
fn every_control_file_is_reached_with_values_that_are_legal_and_not() {
    for knob in Knob::ALL {
        let (mut legal, mut cleared, mut illegal) = (0, 0, 0);
        for value in 0..=255 {
            // A definition of `a` with one control file, in the Backdrop.
            let bytes = [0, 0, 204, 0, 0x10, knob as u8, value];
            with_scenario(&bytes, |scenario| {
                let [def] = scenario.backdrop.cgroups.as_slice() else { panic!("one definition") };
                let Some(setting) = def.limits.get(knob) else { return };
                let bounds = knob.info().bounds.iter().zip(setting.numbers());
                let broken = |(bound, number): (&Bound, Option<u64>)| {
                    number.is_some_and(|number| bound.broken_by(number).is_some())
                };
                let is_broken = bounds.into_iter().any(broken);
                illegal += u32::from(is_broken);
                cleared += u32::from(setting == knob.info().clear);
                legal += u32::from(!is_broken && setting != knob.info().clear);
            });
        }
        assert!(legal > 0 && cleared > 0, "{}: {legal} legal, {cleared} cleared", knob.key());
        let can_be_broken = knob.info().bounds.iter().any(|bound| bound.above.is_some());
        assert_eq!(illegal > 0, can_be_broken, "{}: {illegal}", knob.key());
    }
}

#[test]
fn every_work_type_is_made_with_every_argument_at_several_values() {
    let mut seen = vec![vec![BTreeSet::<String>::new(); 12]; WorkType::COUNT];
    let mut note = |work: &WorkSpec<'_>| {
        let row = WorkType::ALL_NAMES.iter().position(|name| *name == work.work_type.name());
        let row = &mut seen[row.expect("a work type of the table")];
        row[11].insert(String::new());
        for (index, (_, value)) in work.work_type.arguments().enumerate() {
            row[index].insert(format!("{value:?}"));
        }
        assert!(work.work_type.is_valid(), "{work:?}");
    };
    let mut rng = ktstr_core::Rng::new(5);
    for _ in 0..100_000 {
        let bytes: Vec<u8> = (0..64).map(|_| rng.next_u64() as u8).collect();
        with_scenario(&bytes, |scenario| {
            for op in scenario.steps.iter().flat_map(|step| step.ops) {
                if let Op::Spawn { work, .. } = op {
                    note(work);
                }
            }
        });
    }
    for (row, info) in seen.iter().zip(&ktstr_core::WORK_TYPES) {
        assert!(!row[11].is_empty(), "{} is never made", info.name);
        for (values, field) in row.iter().zip(info.fields) {
            assert!(values.len() > 1, "{} of {} is always the same", field.key, info.name);
        }
    }
}

#[test]
fn items_fall_into_the_slot_that_is_open() {
    let bytes = [
        0, 0, /* add b */ 0, 1, 0, 0, /* step */ 250, 0, 7, /* remove b */ 2, 1,
        /* step */ 250, 0, 9,
    ];
    with_scenario(&bytes, |scenario| {
        assert_eq!(scenario.backdrop.ops.as_slice(), [Op::add_cgroup("b")]);
        assert_eq!(scenario.steps.len(), 2);
        assert_eq!(scenario.steps[0].ops, [Op::remove_cgroup("b")]);
    });
}

/// Whatever the rows have, bytes reach: each operation, and each field said and left out.
#[test]
fn bytes_make_every_operation_with_every_field() {
    let mut missed: BTreeSet<(OpKind, &str, bool)> = BTreeSet::new();
    for kind in OpKind::ALL {
        missed.extend(kind.info().fields.iter().map(|field| (kind, field.key, true)));
        let open =
            kind.info().fields.iter().filter(|field| !field.required && field.kind != FieldKind::Texts);
        missed.extend(open.map(|field| (kind, field.key, false)));
    }
    let mut rng = Rng::new(1);
    for _ in 0..100_000 {
        let bytes: [u8; 16] = std::array::from_fn(|_| rng.next_u64() as u8);
        let (first, rest) = bytes.split_at(1);
        for field in Bytes(rest).op(first[0]).expect("each kind is made").fields() {
            missed.remove(&(
                OpKind::ALL[first[0] as usize % OpKind::ALL.len()],
                field.info.key,
                !field.is_usual,
            ));
        }
    }
    assert!(missed.is_empty(), "never made: {missed:?}");
}
