//! Every shipped scenario and many generated ones, with a fault at every one of their actions: it fails once,
//! it and all later ones fail, the supervisor crashes there. Nothing stays that the report does not name,
//! recovery removes all.

use bumpalo::Bump;
use ktstr_core::prelude::*;
use ktstr_core::{ActionKind, Rng, execute_scenario};
use ktstr_file::{load, render_toml};
use ktstr_gen::hostile::with_scenario;
use ktstr_mock::fault::{FaultInjector, What, When};
use ktstr_mock::{MockBackend, Script};
use ktstr_tests::search::faults::play;
use ktstr_tests::search::theorem::machine;
use std::path::Path;
use std::time::Duration;

/// Generated scenarios, each of at most so many bytes.
const GENERATED: u64 = 5000;
const BYTES: usize = 96;

const EIO: i32 = 5;
const FORKER: &str = "stubborn";

/// Puts each fault at each action of the scenario; the number of faults that came to pass.
fn at_every_action<'a>(scenario: &'a Scenario<'a>, mock: MockBackend) -> u64 {
    let mut broken = FaultInjector::on_mock(mock);
    play(scenario, &mut broken, FORKER).unwrap_or_else(|why| panic!("{why}\n{}", render_toml(scenario)));
    let (actions, mut injected) = (broken.actions(), 0);
    for n in 0..actions {
        for (when, what) in [
            (When::Nth(n), What::Errno(EIO)),
            (When::From(n), What::Errno(EIO)),
            (When::Nth(n), What::Crash),
            (When::Nth(n), What::ChildDies),
        ] {
            broken.inner_mut().reset();
            broken.rearm();
            broken.add(when, what.clone());
            if let Err(why) = play(scenario, &mut broken, FORKER) {
                panic!("{what:?} at {when:?}: {why}\n{}", render_toml(scenario));
            }
            let came = broken.injected();
            assert!(came > 0, "{what:?} at {when:?} never came");
            injected += came;
        }
    }
    injected
}

#[test]
fn of_every_shipped_scenario() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let folders = [directory.clone(), directory.join("everyday")];
    let (mut scenarios, mut injected) = (0, 0);
    for entry in folders.iter().flat_map(|folder| std::fs::read_dir(folder).expect("shipped scenarios")) {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let arena = Bump::new();
        let loaded = load(&text, &arena).unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()));
        let topology = loaded
            .scenario
            .topology
            .map_or(Topology::uniform(1, 2, 2, 1), |shape| Topology::from_uniform(&shape));
        let mut mock = MockBackend::new(topology);
        for binary in ["stress-ng", "sh", "sysbench"] {
            mock = mock.program(binary, Script::runs().ignores_sigterm());
        }
        injected += at_every_action(loaded.scenario, mock);
        scenarios += 1;
    }
    assert!(scenarios >= 9, "{scenarios} scenarios");
    println!("faults: {injected} in {scenarios} shipped scenarios");
}

/// Reading what a payload wrote last is the only action that those above never ask for.
#[test]
fn of_payloads_that_fail_and_say_why() {
    static FAILS: Payload<'static> = Payload::binary("fails", "fails").checks(&[PayloadCheck::exit_code(0)]);
    static ENDS: Payload<'static> = Payload::binary("ends", FORKER).checks(&[PayloadCheck::exit_code(0)]);
    let ops = [Op::run_payload(&FAILS, &[]), Op::wait_payload("fails")];
    let steps =
        [Step::new(&ops, HoldSpec::Fixed(Duration::from_millis(10))), Step::hold(HoldSpec::frac(0.5))];
    let backdrop = Backdrop::new().push_cgroup(CgroupDef::named("a").workload(&ENDS));
    let scenario = Scenario::new("says why").backdrop(backdrop).steps(&steps);
    let script =
        Script::exits_after(Duration::from_millis(1), 1).prints_error("no such device\n").floods(5000);
    let mock = || {
        MockBackend::new(Topology::uniform(1, 1, 2, 1))
            .program("fails", script.clone())
            .program(FORKER, Script::runs().ignores_sigterm().forks(2).prints("begun\n"))
    };
    let reads = When::Each(ActionKind::ReadOutput);
    let mut deaf = FaultInjector::on_mock(mock()).inject(reads, What::Errno(EIO));
    let report = execute_scenario(&scenario, &mut deaf, 7, &mut ()).expect("valid");
    // Of both payloads; no run ends for that.
    assert_eq!((deaf.injected(), report.verdict, report.error), (2, Verdict::Fail, None));
    let injected = at_every_action(&scenario, mock());
    println!("faults: {injected} in a scenario whose payloads fail");
}

#[test]
fn of_generated_scenarios() {
    let mut rng = Rng::new(4);
    let mut injected = 0;
    for _ in 0..GENERATED {
        let length = rng.below(BYTES as u64 + 1);
        let bytes: Vec<u8> = (0..length).map(|_| rng.next_u64() as u8).collect();
        injected += with_scenario(&bytes, |scenario| at_every_action(scenario, machine()));
    }
    println!("faults: {injected} in {GENERATED} generated scenarios");
}
