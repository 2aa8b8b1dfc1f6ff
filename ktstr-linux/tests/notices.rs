//! What happens on this machine without having been asked for: a payload that ends early, a worker that
//! somebody kills. Each is said once, after an action in which time passes.

mod common;

use common::*;
use ktstr_core::Placement::Cgroup;
use ktstr_core::{Action, Backend, Channel, Evidence, ExitStatus, GroupId, Notice, Outcome, PayloadId};
use ktstr_linux::LinuxBackend;
use std::time::Duration;

/// The notices of an action, with their times.
#[derive(Default)]
struct Heard(Vec<(Duration, String)>);

impl Channel for Heard {
    fn evidence(&mut self, _: &Evidence<'_>) {}

    fn notice(&mut self, at: Duration, notice: &Notice<'_>) {
        self.0.push((at, format!("{notice:?}")));
    }
}

/// The notices of an action, and its answer. None is of the future.
fn heard(backend: &mut LinuxBackend, action: Action<'_>) -> (Outcome, Vec<String>) {
    let mut heard = Heard::default();
    let outcome = backend.perform(&action, &mut heard);
    let now = backend.now();
    assert!(heard.0.iter().all(|(at, _)| *at <= now), "{:?} at {now:?}", heard.0);
    (outcome, heard.0.into_iter().map(|(_, notice)| notice).collect())
}

const HOLD: Action<'static> = Action::Hold { length: Duration::from_millis(300) };

fn held(backend: &mut LinuxBackend) -> Vec<String> {
    let (outcome, notices) = heard(backend, HOLD);
    assert_eq!(outcome, Outcome::Done);
    notices
}

#[test]
fn a_payload_that_ends_early_is_noticed_once_and_can_still_be_waited_for() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    for (id, script, status) in
        [(0, "exit 3", ExitStatus::Exited(3)), (1, "kill -9 $$", ExitStatus::Signalled(9))]
    {
        start_script(&mut backend, id, script, Cgroup("a"));
        let expected = [format!("{:?}", Notice::PayloadEnded { id: PayloadId(id), status })];
        // A busy machine may not get that far in one hold.
        let first = (0..100).map(|_| held(&mut backend)).find(|notices| !notices.is_empty());
        assert_eq!(first.expect("it ends"), expected);
        assert!(held(&mut backend).is_empty());
        let wait = Action::WaitPayload { id: PayloadId(id), timeout: Duration::from_secs(60) };
        let (outcome, notices) = heard(&mut backend, wait);
        assert_eq!((ended(outcome).status, notices.len()), (status, 0));
    }
}

#[test]
fn what_is_asked_for_is_no_notice() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    start_script(&mut backend, 0, "exit 0", Cgroup("a"));
    start_script(&mut backend, 1, "sleep 60", Cgroup("a"));
    done(&mut backend, spawn(0, Cgroup("a"), spin(), 2));
    done(&mut backend, Action::Start);
    let second = Duration::from_secs(1);
    for action in [
        Action::WaitPayload { id: PayloadId(0), timeout: 60 * second },
        Action::KillPayload { id: PayloadId(1), grace: second },
        HOLD,
        Action::Stop { group: GroupId(0) },
    ] {
        let (outcome, notices) = heard(&mut backend, action);
        assert!(!matches!(outcome, Outcome::Failed(_)) && notices.is_empty(), "{action}: {notices:?}");
    }
}

#[test]
fn a_worker_that_is_killed_is_noticed_once_and_reported() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&["a"]);
    run_group(&mut backend, spawn(0, Cgroup("a"), spin(), 3), 20);
    assert!(held(&mut backend).is_empty());
    let mut pids = captured(&mut backend, "a");
    pids.sort_unstable();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pids[1] as i32), nix::sys::signal::Signal::SIGKILL)
        .expect("sent");
    let notices = held(&mut backend);
    let ends = stop(&mut backend, 0, 3);
    let worker = ends.iter().position(|report| report.pid == pids[1]).expect("one of them") as u32;
    let expected = Notice::WorkerKilled { group: GroupId(0), worker, pid: pids[1], signal: 9 };
    assert_eq!(notices, [format!("{expected:?}")]);
    assert_eq!(ends[worker as usize].end, ktstr_core::WorkerEnd::Signalled(9));
}
