//! What the life of a cgroup costs on this machine, beside the floor taken in the same run: ratios between
//! the two mean something, absolute numbers do not. `ratio NAME VALUE` lines are for scripts. The floors
//! beside single steps were measured in plain C on another machine (Linux 6.18, 2 CPUs).

mod bare;
mod lives;

use ktstr_core::Placement::Cgroup;
use ktstr_core::{Action, AffinityPlan, Backend, Controllers, GroupId, Outcome, Payload, WorkSpec, WorkType};
use ktstr_linux::{LinuxBackend, Options};
use std::time::{Duration, Instant};

const ROUNDS: u32 = 300;

fn main() {
    if lives::is_counted() {
        return;
    }
    let parent = ktstr_linux::mount::find()
        .map(|mount| mount.point.join(format!("ktstr-bench-{}", std::process::id())));
    let options = Options { parent: parent.clone(), ..Options::default() };
    let backend = LinuxBackend::new(options);
    let Some(mut backend) = backend.ok().filter(|backend| !backend.topology().cpus().is_empty()) else {
        println!("SKIP: cgroup v2 is needed");
        return;
    };
    if backend.perform(&Action::Prepare { controllers: Controllers::NONE }, &mut ()) != Outcome::Done {
        println!("SKIP: root or delegation is needed");
        return;
    }
    if let Some(parent) = &parent {
        lives::show(&mut backend, parent);
        lives::show_memory(parent);
    }
    println!("\n{:<58} {:>10} {:>10} {:>10}  floor", "", "median", "best", "worst");
    empty_cgroup(&mut backend);
    life_of_a_worker(&mut backend);
    life_of_a_payload(&mut backend);
    freezing(&mut backend);
    killing(&mut backend);
    whole_runs(backend, parent);
}

fn done(backend: &mut LinuxBackend, action: Action<'_>) {
    assert_eq!(backend.perform(&action, &mut ()), Outcome::Done, "{action}");
}

fn spawn(workers: u32, path: &str) -> Action<'_> {
    spawn_as(GroupId(0), workers, path)
}

fn spawn_as(group: GroupId, workers: u32, path: &str) -> Action<'_> {
    // Sleepers, so that a hundred of them do not compete with what is measured.
    let work = WorkSpec::new(WorkType::bursty(Duration::from_nanos(1), Duration::from_secs(60)));
    Action::Spawn { group, placement: Cgroup(path), work, workers, affinity: AffinityPlan::Inherit, seed: 0 }
}

fn show(what: &str, mut times: Vec<Duration>, floor: &str) {
    times.sort_unstable();
    let us = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_nanos() as f64 / 1000.0);
    let (median, best, worst) = (us(times.get(times.len() / 2)), us(times.first()), us(times.last()));
    println!("{what:<58} {median:>7.1} us {best:>7.1} us {worst:>7.1} us  {floor}");
}

fn measure(rounds: u32, mut round: impl FnMut()) -> Vec<Duration> {
    (0..rounds)
        .map(|_| {
            let from = Instant::now();
            round();
            from.elapsed()
        })
        .collect()
}

fn empty_cgroup(backend: &mut LinuxBackend) {
    let times = measure(ROUNDS, || {
        done(backend, Action::CreateCgroup { path: "a" });
        done(backend, Action::RemoveCgroup { path: "a" });
    });
    show("mkdir, open, look, rmdir", times, "46 us for mkdir and rmdir");
}

fn life_of_a_worker(backend: &mut LinuxBackend) {
    let times = measure(ROUNDS, || {
        done(backend, Action::CreateCgroup { path: "a" });
        done(backend, spawn(1, "a"));
        done(backend, Action::Start);
        done(backend, Action::Stop { group: GroupId(0) });
        done(backend, Action::RemoveCgroup { path: "a" });
    });
    show("cgroup with a worker: made, started, stopped, removed", times, "300 to 450 us for the bare life");
}

fn life_of_a_payload(backend: &mut LinuxBackend) {
    const TRUE: Payload<'static> = Payload::binary("true", "true");
    done(backend, Action::CreateCgroup { path: "a" });
    let mut id = 0;
    let times = measure(ROUNDS, || {
        let payload = ktstr_core::PayloadId(id);
        id += 1;
        done(
            backend,
            Action::StartPayload { id: payload, payload: &TRUE, args: &[], placement: Cgroup("a") },
        );
        let ended =
            backend.perform(&Action::WaitPayload { id: payload, timeout: Duration::from_secs(10) }, &mut ());
        assert!(matches!(ended, Outcome::Ended(_)), "{ended:?}");
    });
    show("payload `true`: started, waited for, looked after", times, "570 us for exec of a dynamic binary");
    done(backend, Action::RemoveCgroup { path: "a" });
}

fn freezing(backend: &mut LinuxBackend) {
    done(backend, Action::CreateCgroup { path: "a" });
    let spawned = measure(1, || done(backend, spawn(100, "a")));
    show("spawn of 100 workers, set up", spawned, "65 us each for the bare clone3");
    done(backend, Action::Start);
    std::thread::sleep(Duration::from_millis(100));
    let (mut freezes, mut thaws) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        freezes.extend(measure(1, || done(backend, Action::Freeze { path: "a" })));
        thaws.extend(measure(1, || done(backend, Action::Thaw { path: "a" })));
    }
    show("freeze of 100 processes, acknowledged", freezes, "550 to 1000 us");
    show("thaw of 100 processes, acknowledged", thaws, "");
    let stopped = measure(1, || done(backend, Action::Stop { group: GroupId(0) }));
    show("stop of 100 workers, reaped and reported", stopped, "");
    done(backend, Action::RemoveCgroup { path: "a" });
}

fn killing(backend: &mut LinuxBackend) {
    let mut times = Vec::new();
    for _ in 0..10 {
        done(backend, Action::CreateCgroup { path: "a" });
        done(backend, spawn(100, "a"));
        times.extend(measure(1, || {
            let killed = backend.perform(&Action::KillRemaining { path: "a" }, &mut ());
            assert!(matches!(killed, Outcome::Killed { .. }), "{killed:?}");
        }));
        done(backend, Action::Stop { group: GroupId(0) });
        done(backend, Action::RemoveCgroup { path: "a" });
    }
    show("kill of 100 processes by pidfd, to `populated 0`", times, "9300 us by cgroup.kill");
}

fn whole_runs(mut backend: LinuxBackend, parent: Option<std::path::PathBuf>) {
    done(&mut backend, Action::Finish);
    drop(backend);
    let times = measure(50, || {
        let options = Options { parent: parent.clone(), ..Options::default() };
        let Ok(mut backend) = LinuxBackend::new(options) else { return };
        done(&mut backend, Action::Prepare { controllers: Controllers::NONE });
        done(&mut backend, Action::Finish);
    });
    show("backend made, run prepared and finished, parent removed", times, "");
}
