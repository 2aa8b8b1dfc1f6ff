//! What needs real controllers on cgroup v2; skipped where they are on v1, as on hybrid machines.

mod common;

use common::*;
use ktstr_core::Placement::Cgroup;
use ktstr_core::prelude::*;
use ktstr_core::{
    Action, AffinityPlan, Backend, Controller, Controllers, CpuMax, CpuSet, FaultKind, GroupId, Knob,
    KnobValue, Outcome, WorkerEnd, execute_scenario,
};
use ktstr_linux::LinuxBackend;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tests here look at what is enabled at the root, which they share.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

const ALL: [Controller; 4] = [Controller::Cpuset, Controller::Cpu, Controller::Memory, Controller::Pids];

/// A backend with these controllers, prepared; `None` where they are not there.
fn with(place: &Place, controllers: &[Controller]) -> Option<LinuxBackend> {
    let mut backend = place.backend();
    let controllers: Controllers = controllers.iter().copied().collect();
    let missing = controllers.minus(backend.controllers());
    if !missing.is_empty() {
        return skip("controllers", &format!("controllers are needed on cgroup v2: {missing}"));
    }
    done(&mut backend, Action::Prepare { controllers });
    Some(backend)
}

fn read(backend: &LinuxBackend, file: &str) -> String {
    let run = backend.run_directory().expect("a run");
    std::fs::read_to_string(run.join(file)).expect("a control file").trim().to_owned()
}

fn root_control(place: &Place) -> String {
    let mount = place.parent.parent().expect("a mount");
    std::fs::read_to_string(mount.join("cgroup.subtree_control")).expect("a control file")
}

#[test]
fn values_arrive_and_controllers_go_back() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let before = root_control(&place);
    let Some(mut backend) = with(&place, &ALL) else { return };
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let bandwidth = CpuMax { quota_us: Some(5000), period_us: 20_000 };
    for (knob, value, text) in [
        (Knob::CpusetCpus, KnobValue::Cpus(CpuSet::of(&[0])), "0"),
        (Knob::CpuWeight, KnobValue::Number(7), "7"),
        (Knob::CpuMax, KnobValue::Bandwidth(bandwidth), "5000 20000"),
        (Knob::MemoryMax, KnobValue::Number(1 << 26), "67108864"),
        (Knob::MemoryHigh, KnobValue::Max, "max"),
        (Knob::PidsMax, KnobValue::Number(9), "9"),
        (Knob::CpusetCpus, KnobValue::Cpus(CpuSet::EMPTY), ""),
    ] {
        done(&mut backend, Action::Write { path: "a", knob, value });
        assert_eq!(read(&backend, &format!("a/{}", knob.file())), text);
    }
    let wrong = Action::Write { path: "a", knob: Knob::CpuWeight, value: KnobValue::Number(10_001) };
    assert_eq!(fails(&mut backend, wrong).kind, FaultKind::Invalid);
    done(&mut backend, Action::RemoveCgroup { path: "a" });
    done(&mut backend, Action::Finish);
    drop(backend);
    place.assert_clean();
    assert_eq!(root_control(&place), before, "what was enabled for the run is disabled again");
}

#[test]
fn what_a_killed_run_had_enabled_is_disabled_by_the_next() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let before = root_control(&place);
    let Some(backend) = with(&place, &ALL) else { return };
    // As good as killed: nothing of it runs any more, not even its end.
    let run = backend.run_directory().expect("a run");
    std::mem::forget(backend);
    assert!(run.exists());
    // Its lock lives as long as this process; another run beside it leaves what both use.
    let Some(mut second) = with(&place, &[Controller::Cpu]) else { return };
    done(&mut second, Action::Finish);
    drop(second);
    assert!(place.parent.exists() && run.exists());
    std::fs::remove_dir(&run).expect("removed");
    ktstr_linux::clean::clean(Some(&place.parent)).expect("cleaned");
    place.assert_clean();
    assert_eq!(root_control(&place), before);
}

#[test]
fn the_rules_of_the_hierarchy_come_back_as_faults() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let Some(mut backend) = with(&place, &[Controller::Memory, Controller::Pids]) else { return };
    let memory = Controllers::NONE.with(Controller::Memory);
    for path in ["a", "a/b", "c"] {
        done(&mut backend, Action::CreateCgroup { path });
    }
    done(&mut backend, Action::EnableControllers { path: "a", controllers: memory });
    assert_eq!(fails(&mut backend, spawn(0, Cgroup("a"), spin(), 1)).kind, FaultKind::Busy);
    done(&mut backend, spawn(0, Cgroup("c"), spin(), 1));
    let enable = Action::EnableControllers { path: "c", controllers: memory };
    assert_eq!(fails(&mut backend, enable).kind, FaultKind::Busy);
    let cpu = Controllers::NONE.with(Controller::Cpu);
    let enable = Action::EnableControllers { path: "a", controllers: cpu };
    assert_eq!(fails(&mut backend, enable).kind, FaultKind::NoController);
    assert_eq!(fails(&mut backend, move_to(0, "a")).kind, FaultKind::Busy);
    stop(&mut backend, 0, 1);
    done(&mut backend, Action::Write { path: "c", knob: Knob::PidsMax, value: KnobValue::Number(2) });
    assert_eq!(fails(&mut backend, spawn(1, Cgroup("c"), spin(), 3)).kind, FaultKind::NoRoom);
    assert!(captured(&mut backend, "c").is_empty());
}

#[test]
fn a_worker_that_runs_out_of_memory_is_reported_as_killed() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let Some(mut backend) = with(&place, &[Controller::Memory]) else { return };
    done(&mut backend, Action::CreateCgroup { path: "a" });
    for (knob, value) in [(Knob::MemoryMax, 16 << 20), (Knob::MemorySwapMax, 0)] {
        let there = read_file(&backend, "a", knob);
        if there {
            done(&mut backend, Action::Write { path: "a", knob, value: KnobValue::Number(value) });
        }
    }
    let work = WorkSpec::new(WorkType::cache_pressure(64 * 1024, 64));
    run_group(&mut backend, spawn(0, Cgroup("a"), work, 1), 3000);
    let report = stop(&mut backend, 0, 1)[0];
    assert_eq!(report.end, WorkerEnd::Signalled(9), "{report:?}");
    assert!(report.work_units > 0, "{report:?}");
}

fn read_file(backend: &LinuxBackend, path: &str, knob: Knob) -> bool {
    let run = backend.run_directory().expect("a run");
    Path::new(&run.join(path)).join(knob.file()).exists()
}

#[test]
fn the_cpus_of_a_watch_are_those_of_the_cpuset_in_force() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let Some(mut backend) = with(&place, &[Controller::Cpuset]) else { return };
    if backend.topology().cpus().len() < 2 {
        return skip("cpus", "two CPUs are needed").unwrap_or(());
    }
    done(&mut backend, Action::CreateCgroup { path: "a" });
    let write = |cpus| Action::Write { path: "a", knob: Knob::CpusetCpus, value: KnobValue::Cpus(cpus) };
    done(&mut backend, write(CpuSet::of(&[0])));
    let group = GroupId(0);
    let affinity = AffinityPlan::Inherit;
    done(
        &mut backend,
        Action::Spawn { group, placement: Cgroup("a"), work: spin(), workers: 3, affinity, seed: 0 },
    );
    done(&mut backend, Action::Start);
    let mut in_force = CpuSet::of(&[0]);
    for round in 0..60 {
        hold(&mut backend, 3);
        let Outcome::Cpus(seen) = backend.perform(&Action::EndCpuWatch { group }, &mut ()) else { panic!() };
        assert!(seen.is_subset(&in_force), "round {round}: seen on {seen:?} within {in_force:?}");
        in_force = CpuSet::of(&[(round + 1) % 2]);
        done(&mut backend, write(in_force));
        done(&mut backend, Action::BeginCpuWatch { group });
    }
    stop(&mut backend, 0, 3);
}

#[test]
fn a_scenario_with_limits_passes_and_leaves_nothing() {
    let _alone = alone();
    let Some(place) = Place::new() else { return };
    let before = root_control(&place);
    const LIMITS: Scenario<'static> = Scenario::new("limits")
        .duration(Duration::from_millis(200))
        .backdrop(
            Backdrop::new()
                .push_cgroup(
                    CgroupDef::named("a").cpuset(CpusetSpec::disjoint(0, 2)).cpu_weight(50).workers(2),
                )
                .push_cgroup(CgroupDef::named("b").cpuset(CpusetSpec::disjoint(1, 2)).memory_max(1 << 28)),
        )
        .steps(&[
            Step::new(&[Op::swap_cpusets("a", "b")], HoldSpec::frac(0.5)),
            Step::with_defs(
                &[CgroupDef::named("c").pids_max(20).work_type(WorkType::ForkExit)],
                HoldSpec::frac(0.5),
            ),
        ])
        .checks(Checks::NONE.isolation());
    let mut backend = place.backend();
    let missing = LIMITS.controllers().minus(backend.controllers());
    if !missing.is_empty() {
        return skip("controllers", &format!("controllers are needed on cgroup v2: {missing}")).unwrap_or(());
    }
    let report = execute_scenario(&LIMITS, &mut backend, 0, &mut ()).expect("it begins");
    assert_eq!((report.verdict, report.leftovers, &report.error), (Verdict::Pass, 0, &None), "{report:?}");
    drop(backend);
    place.assert_clean();
    assert_eq!(root_control(&place), before);
}
