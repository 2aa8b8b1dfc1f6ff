//! Dumps, costs and quirks: what people and tests see of a mock besides its answers.

use core::time::Duration;
use ktstr_core::Placement::Cgroup;
use ktstr_core::{
    Action, ActionKind, AffinityPlan, Backend, Controller, Controllers, CpuSet, FaultKind, GroupId, Knob,
    KnobValue, Outcome, Requirements, Topology, WorkSpec, WorkType,
};
use ktstr_mock::costs::Syscall;
use ktstr_mock::errno::Errno;
use ktstr_mock::{KernelVersion, MockBackend, MockKernel, Quirks};

const CPUSET: Controllers = Controllers::NONE.with(Controller::Cpuset);

fn played() -> MockBackend {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 4, 1)).recorded();
    let work = WorkSpec::new(WorkType::SpinWait);
    let affinity = AffinityPlan::Inherit;
    let cpus = KnobValue::Cpus(CpuSet::range(0, 2));
    for action in [
        Action::Prepare { controllers: CPUSET },
        Action::CreateCgroup { path: "a" },
        Action::CreateCgroup { path: "a/b" },
        Action::Write { path: "a", knob: Knob::CpusetCpus, value: cpus },
        Action::Spawn { group: GroupId(0), placement: Cgroup("a/b"), work, workers: 2, affinity, seed: 1 },
        Action::Start,
        Action::Hold { length: Duration::from_millis(5) },
        Action::Freeze { path: "a" },
        Action::CreateCgroup { path: "a" },
    ] {
        mock.perform(&action, &mut ());
    }
    mock
}

#[test]
fn dumps_are_read_at_a_glance() {
    let mock = played();
    assert_eq!(
        mock.kernel().dump_tree(),
        "/ [cpuset] tasks=1\n  ktstr [cpuset]\n    run [cpuset]\n      a cpus=0-1 frozen\n        b tasks=2\n  runner tasks=1\n"
    );
    assert_eq!(
        mock.kernel().dump_procs(),
        "1 <- 0 /\n2 <- 1 /runner\n3 <- 2 /ktstr/run/a/b\n4 <- 2 /ktstr/run/a/b\n"
    );
    let timeline = mock.dump_timeline();
    let lines: Vec<&str> = timeline.lines().collect();
    assert_eq!(lines.len(), 9);
    assert_eq!(lines[3], "       0.000 ms  write a/cpuset.cpus = 0-1 -> done");
    assert_eq!(lines[7], "       5.000 ms  freeze a -> done");
    assert!(lines[8].contains("mkdir a -> [F001]"), "{}", lines[8]);
}

#[test]
fn costs_are_counted() {
    let mock = played();
    let costs = mock.costs();
    assert_eq!((costs.actions(), costs.of(ActionKind::CreateCgroup)), (9, 3));
    assert_eq!((costs.of_syscall(Syscall::Clone), costs.of_syscall(Syscall::Mkdir)), (2, 4));
    assert!(costs.syscalls() < 40, "{costs:?}");
}

#[test]
fn preflight_names_what_is_missing() {
    let needs = Requirements { controllers: CPUSET, ..Requirements::default() };
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1)).with_controllers(Controllers::NONE);
    assert_eq!(mock.preflight(&needs).map_err(|fault| fault.kind), Err(FaultKind::NoController));
    let needs = Requirements { privileged: true, ..Requirements::default() };
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 1, 1)).unprivileged();
    assert_eq!(mock.preflight(&needs).map_err(|fault| fault.kind), Err(FaultKind::Permission));
    assert_eq!(mock.preflight(&Requirements::default()), Ok(()));
}

#[test]
fn quirks_go_with_the_release_or_by_themselves() {
    let kernel = |quirks: Quirks| {
        let mut kernel = MockKernel::new(&Topology::uniform(1, 1, 2, 1)).with_quirks(quirks);
        assert_eq!(kernel.write("", "cgroup.subtree_control", "+cpuset"), Ok(()));
        assert!(kernel.mkdir("a").is_ok());
        kernel
    };
    for (version, dies, clears, exclusive) in [
        (KernelVersion::V6_1, false, Err(Errno::ENOSPC), Err(Errno::ENOENT)),
        (KernelVersion::V6_12, false, Err(Errno::ENOSPC), Ok(())),
        (KernelVersion::V6_18, true, Err(Errno::ENOSPC), Ok(())),
        (KernelVersion::NEWEST, false, Ok(()), Ok(())),
    ] {
        let mut kernel = kernel(Quirks::of(version));
        assert_eq!(kernel.write("a", "cpuset.cpus.exclusive", "1"), exclusive, "{version}");
        assert_eq!(kernel.write("a", "cpuset.cpus", "0"), Ok(()));
        let pid = kernel.fork(1, Some("a")).expect("room");
        assert_eq!(kernel.write("a", "cpuset.cpus", "\n"), clears, "{version}");
        assert_eq!(kernel.write("a", "cgroup.kill", "1"), Ok(()));
        assert!(!kernel.is_alive(pid));
        let pid = kernel.fork(1, Some("a")).expect("room");
        assert_eq!(!kernel.is_alive(pid), dies, "{version}");
    }
    let one = Quirks { spawn_after_kill_dies: true, ..Quirks::default() };
    let mut kernel = kernel(one);
    assert_eq!(kernel.write("a", "cgroup.kill", "1"), Ok(()));
    let pid = kernel.fork(1, Some("a")).expect("room");
    assert!(!kernel.is_alive(pid));
}

#[test]
fn a_recovered_or_reset_mock_has_nothing_of_the_run() {
    let fresh = MockBackend::new(Topology::uniform(1, 1, 4, 1)).kernel().dump_procs();
    let mut mock = played();
    mock.reset();
    assert_eq!(mock.kernel().dump_procs(), fresh);
    assert_eq!((mock.timeline().len(), mock.costs().actions(), mock.run_cgroup()), (0, 0, None));
    let Outcome::Failed(fault) = mock.perform(&Action::Finish, &mut ()) else { panic!("there is no run") };
    assert_eq!(fault.kind, FaultKind::Unknown);
}

#[test]
fn a_user_does_what_was_delegated_and_no_more() {
    let mut kernel = MockKernel::new(&Topology::uniform(1, 1, 2, 1));
    for (path, file) in [("", "+pids"), ("ours", "+pids")] {
        if !path.is_empty() {
            assert!(kernel.mkdir(path).is_ok());
        }
        assert_eq!(kernel.write(path, "cgroup.subtree_control", file), Ok(()));
    }
    for path in ["theirs", "ours/first"] {
        assert!(kernel.mkdir(path).is_ok());
    }
    let outside = kernel.fork(1, Some("theirs")).expect("room");
    let inside = kernel.fork(1, Some("ours/first")).expect("room");
    assert_eq!(kernel.delegate("ours", 1000), Ok(()));
    assert_eq!(kernel.delegate("ours/first", 1000), Ok(()));
    kernel.set_user(1000);
    let denied = Err(Errno::EACCES);
    assert_eq!(kernel.mkdir("x").map(|_| ()), denied, "the root is not theirs");
    assert_eq!(kernel.mkdir("ours/a").map(|_| ()), Ok(()));
    assert_eq!(
        kernel.write("ours", "pids.max", "9"),
        denied,
        "limits of the delegated cgroup are the parent's"
    );
    assert_eq!(kernel.write("ours/a", "pids.max", "9"), Ok(()), "what they make is theirs wholly");
    assert_eq!(kernel.write("ours/a", "cgroup.events", "1"), denied);
    assert_eq!(kernel.attach(inside, "ours/a"), Ok(()), "within what is delegated");
    assert_eq!(kernel.attach(outside, "ours/a"), denied, "the ways part above");
    assert_eq!(kernel.attach(inside, "theirs"), denied);
    assert_eq!(kernel.fork(outside, Some("ours/a")), Err(Errno::EACCES));
    assert_eq!(kernel.rmdir("ours"), denied);
    assert_eq!(kernel.rmdir("ours/first"), Ok(()));
    kernel.set_user(0);
    assert_eq!(kernel.attach(outside, "ours/a"), Ok(()));
}

#[test]
fn an_affinity_can_be_taken_back() {
    let mut mock = played();
    let set = |affinity| Action::SetAffinity { group: GroupId(0), affinity };
    for (affinity, cpus) in [
        (AffinityPlan::Set(CpuSet::range(0, 1)), CpuSet::range(0, 1)),
        (AffinityPlan::Inherit, CpuSet::range(0, 2)),
    ] {
        assert_eq!(mock.perform(&set(affinity), &mut ()), Outcome::Done);
        assert_eq!([3, 4].map(|pid| mock.kernel().allowed_cpus(pid)), [Some(cpus); 2], "{affinity:?}");
    }
}
