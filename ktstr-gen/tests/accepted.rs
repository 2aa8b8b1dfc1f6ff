//! What is generated for users: nearly all of it is accepted, plays clean, is not small, and has every row of
//! every table in it.

use ktstr_core::prelude::*;
use ktstr_core::{CheckKind, Knob, OpKind, execute_scenario};
use ktstr_gen::{Draft, Gen, Search, broken_promise, is_valid};
use ktstr_mock::{MockBackend, Script};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const SEEDS: u64 = 3000;

static MACHINES: [Topology; 4] = [
    Topology::uniform(1, 2, 2, 1),
    Topology::uniform(1, 1, 1, 1),
    Topology::uniform(2, 2, 4, 2),
    Topology::uniform(1, 1, 2, 1),
];

static ONE: Scheduler = Scheduler::new("one", "scx_one");
static OTHER: Scheduler = Scheduler::new("other", "scx_other");
static SCHEDULERS: [&Scheduler; 2] = [&ONE, &OTHER];

fn mock(topology: Topology) -> MockBackend {
    let quick = Script::exits_after(Duration::from_millis(2), 0);
    MockBackend::new(topology).program("true", quick).program("sleep", Script::runs().uses_cpus(0))
}

fn drawn(seed: u64) -> (Topology, Draft<'static>) {
    let topology = MACHINES[seed as usize % MACHINES.len()];
    (topology, Gen::new(seed).topology(topology).schedulers(&SCHEDULERS).scenario())
}

#[test]
fn over_nine_of_ten_are_accepted_and_play_clean() {
    let (mut accepted, mut things) = (0, 0);
    let mut sizes = BTreeMap::<usize, u32>::new();
    for seed in 0..SEEDS {
        let (topology, draft) = drawn(seed);
        things += draft.size();
        *sizes.entry(draft.size() / 5 * 5).or_default() += 1;
        draft.with(|scenario| {
            if !is_valid(scenario, &topology) {
                return;
            }
            accepted += 1;
            let report = execute_scenario(scenario, &mut mock(topology), seed, &mut ()).expect("accepted");
            assert_eq!(broken_promise(&report), None, "seed {seed}: {scenario:#?}");
        });
    }
    let mean = things as f64 / SEEDS as f64;
    println!("{accepted} of {SEEDS} accepted, {mean:.1} things in each on average; by size: {sizes:?}");
    assert!(accepted * 10 > SEEDS * 9, "{accepted} of {SEEDS}");
    assert!(mean > 8.0, "{mean}");
}

#[test]
fn bytes_are_accepted_too_and_few_bytes_make_little() {
    let mut rng = ktstr_core::Rng::new(9);
    for length in 0..400 {
        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        let draft = Gen::from_bytes(&bytes).scenario();
        assert!(draft.with(|scenario| is_valid(scenario, &MACHINES[0])), "{draft:?}");
        assert!(draft.size() <= length + 1);
    }
}

#[test]
fn every_row_is_reached_in_scenarios_that_are_accepted() {
    let mut ops: BTreeSet<OpKind> = OpKind::ALL.into();
    let mut fields = BTreeSet::new();
    for kind in OpKind::ALL {
        fields
            .extend(kind.info().fields.iter().filter(|field| !field.required).map(|field| (kind, field.key)));
    }
    // What programs are run with is the caller's choice.
    fields.retain(|(_, key)| *key != "args");
    let mut works: BTreeSet<&str> = WorkType::ALL_NAMES.into_iter().collect();
    let mut knobs: BTreeSet<Knob> = Knob::ALL.into();
    let mut checks: Vec<CheckKind> = CheckKind::ALL.into_iter().filter(|kind| is_harmless(*kind)).collect();
    for seed in 0..SEEDS {
        let (_, draft) = drawn(seed);
        for op in draft.all_ops() {
            ops.remove(&op.kind());
            for field in op.fields().filter(|field| !field.is_usual) {
                fields.remove(&(op.kind(), field.info.key));
            }
            if let Op::Spawn { work, .. } = op {
                works.remove(work.work_type.name());
            }
        }
        for def in draft.all_defs() {
            knobs.retain(|&knob| def.limits.get(knob).is_none());
            works.retain(|name| !def.works.iter().any(|work| work.work_type.name() == *name));
        }
        checks.retain(|&kind| draft.checks.bound(kind).is_none());
    }
    assert!(ops.is_empty() && fields.is_empty(), "never made: {ops:?} {fields:?}");
    assert!(works.is_empty() && knobs.is_empty(), "never made: {works:?} {knobs:?}");
    assert!(checks.is_empty(), "never made: {checks:?}");
}

/// Whether a bound can be said that no run misses.
fn is_harmless(kind: CheckKind) -> bool {
    use ktstr_core::{BoundKind, NumberRange, Relation};
    let info = kind.info();
    let by_bound = match info.bound {
        BoundKind::Time => true,
        BoundKind::Number(range) => info.relation == Relation::AtMost || range == NumberRange::FromZero,
        BoundKind::Flag(_) | BoundKind::Always(_) | BoundKind::OfPayload | BoundKind::OfScheduler => false,
    };
    by_bound || kind == CheckKind::Isolation
}

#[test]
fn what_a_backend_cannot_do_is_left_out() {
    let kinds = [OpKind::SteerIrq, OpKind::FreezeCgroup, OpKind::RunPayload];
    for seed in 0..300 {
        let draft = Gen::new(seed).without(&kinds).payloads(&[], &[]).scenario();
        assert!(draft.all_ops().all(|op| !kinds.contains(&op.kind())), "{draft:?}");
        assert!(draft.payloads.is_empty() && draft.all_defs().all(|def| def.payload.is_none()));
    }
}

#[test]
fn a_search_says_how_many_it_has_played() {
    let searched = Search::new(Gen::new(0)).seeds(0..50).run(|| mock(MACHINES[0]));
    assert_eq!((searched.played, searched.skipped, searched.found), (50, 0, None));
    let bare = || mock(MACHINES[0]).with_controllers(ktstr_core::Controllers::NONE);
    let searched = Search::new(Gen::new(0)).seeds(0..50).run(bare);
    assert!(searched.skipped > 0 && searched.played > 0, "{searched:?}");
}
