//! Shows that neither validation nor a run allocates. Counting takes a global allocator, and implementing one
//! takes `unsafe`: that is why this test is outside the library, which forbids it.

mod obliging;

use ktstr_core::prelude::*;
use ktstr_core::{Record, Scratch, Slot, check, play, slots_needed, slots_to_play, validate};
use obliging::Obliging;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count of the calls of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // There is no count while a thread ends; what is allocated then is nobody's test.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: every call is handed on to the system's allocator unchanged, which keeps the contract; counting
// neither allocates (the cell is const-initialised and has no destructor) nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`, which is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: `pointer` came from `alloc` above, which is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn calls_of<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = CALLS.with(Cell::get);
    let result = work();
    (CALLS.with(Cell::get) - before, result)
}

#[test]
fn the_count_counts() {
    let (calls, _) = calls_of(|| Box::new(7));
    assert_eq!(calls, 1);
}

#[test]
fn a_valid_scenario_is_judged_without_allocating() {
    let names: Vec<String> = (0..1000).map(|n| format!("cell_{n}")).collect();
    let mut ops: Vec<Op> = names.iter().map(|name| Op::add_cgroup(name)).collect();
    for name in &names {
        ops.extend([
            Op::spawn_in_cgroup(name, WorkType::SpinWait),
            Op::set_cpuset(name, CpusetSpec::llc(0)),
            Op::freeze_cgroup(name),
        ]);
    }
    let scenario = Scenario::new("large").backdrop(Backdrop::new().lend_ops(&ops));
    let machine = Topology::uniform(1, 1, 8, 1);
    let mut slots = vec![Slot::FREE; slots_needed(&scenario)];
    for topology in [None, Some(&machine)] {
        let (calls, verdict) = calls_of(|| validate(&scenario, topology, &mut Scratch::new(&mut slots)));
        assert_eq!((calls, verdict.expect("valid").groups), (0, 1000));
    }
}

#[test]
fn errors_and_their_messages_are_made_without_allocating() {
    let ops = [Op::remove_cgroup("nowhere"), Op::add_cgroup("/"), Op::add_cgroup("a"), Op::add_cgroup("a")];
    let scenario = Scenario::new("broken").backdrop(Backdrop::new().lend_ops(&ops));
    let mut list = [Invalid::FILLER; 4];
    let (calls, (found, length)) = calls_of(|| {
        let mut slots = [Slot::FREE; 64];
        let mut scratch = Scratch::with_findings(&mut slots, &mut list);
        let verdict = validate(&scenario, None, &mut scratch);
        let first = scenario.check(None);
        assert!(verdict.is_err() && first.is_err());
        (scratch.total(), scratch.findings().iter().map(|one| one.to_text().as_str().len()).sum::<usize>())
    });
    assert_eq!((calls, found), (0, 3));
    assert!(length > 100);
}

#[test]
fn a_scenario_is_checked_and_played_without_allocating() {
    let names: Vec<String> = (0..1000).map(|n| format!("cell_{n}")).collect();
    let ops: Vec<Op> = names.iter().map(|name| Op::add_cgroup(name)).collect();
    let used: Vec<Op> = names
        .iter()
        .flat_map(|name| {
            [
                Op::spawn_in_cgroup(name, WorkType::SpinWait),
                Op::set_cpuset(name, CpusetSpec::llc(0)),
                Op::freeze_cgroup(name),
                Op::unfreeze_cgroup(name),
            ]
        })
        .collect();
    let steps = [Step::new(&used, HoldSpec::FULL)];
    let scenario = Scenario::new("large")
        .backdrop(Backdrop::new().lend_ops(&ops))
        .steps(&steps)
        .checks(Checks::NONE.isolation().not_starved());
    let mut backend = Obliging(Topology::uniform(1, 1, 8, 1));
    let topology = backend.0;
    let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
    let mut records = vec![Record::FREE; 3000];
    let (calls, report) = calls_of(|| {
        let checked = check(&scenario, &topology, &mut slots).expect("valid");
        play(&checked, &mut records, &mut backend, 1, &mut ()).expect("enough records")
    });
    assert_eq!((calls, report.error, report.leftovers), (0, None, 0));
    let small = Scenario::new("small").backdrop(Backdrop::new().push_op(Op::add_cgroup("a")));
    let (calls, report) = calls_of(|| execute_scenario(&small, &mut backend, 1, &mut ()).expect("valid"));
    assert_eq!((calls, report.actions), (0, 5));
}
