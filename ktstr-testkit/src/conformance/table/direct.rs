//! What goes straight to the kernel: `cgroup.kill`, texts for control files, memory that is reclaimed, and
//! how workers that run are scheduled.

use super::*;

const KILLED: Answer = Report { end: WorkerEnd::Signalled(9), worked: true };

const fn kill_all(path: &'static str) -> Action<'static> {
    Action::KillCgroup { path }
}

const fn text(path: &'static str, file: &'static str, text: &'static str) -> Action<'static> {
    Action::WriteFile { path, file, text }
}

const fn reclaim(path: &'static str, whole: bool) -> Action<'static> {
    Action::Reclaim { path, bytes: 1 << 30, whole }
}

const fn nice(group: GroupId, nice: i32) -> Action<'static> {
    Action::SetNice { group, nice }
}

const fn policy(group: GroupId, policy: SchedPolicy) -> Action<'static> {
    Action::SetSchedPolicy { group, policy }
}

pub(super) const PROGRAMS: &[Program] = &[
    plain(
        "what is killed at once ends by SIGKILL, frozen or not, and what it had measured is collected",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (make("a/b"), Done),
            (spawn(G, "a", 1), Done),
            (spawn(H, "a/b", 2), Done),
            (run(P, &SLEEP, "a"), Done),
            (Action::Start, Done),
            (hold(), Done),
            (freeze("a/b"), Done),
            (kill_all("a"), Done),
            (procs("a"), Procs(0)),
            (procs("a/b"), Procs(0)),
            (ask_to_stop(G), Done),
            (stop(G), Done),
            (stop(H), Done),
            (collect(G, 0), KILLED),
            (collect(H, 0), KILLED),
            (collect(H, 1), KILLED),
            (kill(P), Ended(ExitStatus::Signalled(9))),
            (remove("a/b"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a control file takes a text, and what the kernel says of it is answered",
        &[
            (prepare(NONE), Done),
            (kill_all("a"), Fails(FaultKind::Missing)),
            (text("a", "cgroup.max.depth", "0"), Fails(FaultKind::Missing)),
            (make("a"), Done),
            (text("a", "cgroup.max.depth", "0"), Done),
            (make("a/b"), Refused),
            (text("a", "cgroup.max.depth", "max\n"), Done),
            (make("a/b"), Done),
            (text("a", "cgroup.max.depth", "deep"), Fails(FaultKind::Invalid)),
            (text("a", "no.such.file", "1"), Fails(FaultKind::Missing)),
            (text("a/b", "../cgroup.max.depth", "1"), Refused),
            (remove("a/b"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "less memory may be reclaimed than was asked for, unless it has to be all",
        MEMORY,
        &[
            (prepare(MEMORY), Done),
            (make("a"), Done),
            (reclaim("a", false), Done),
            (reclaim("a", true), Refused),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "workers that run are scheduled otherwise",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (nice(G, 3), Done),
            (Action::Start, Done),
            (policy(G, SchedPolicy::Batch), Done),
            (nice(G, 5), Done),
            (nice(H, 5), Fails(FaultKind::Unknown)),
            (policy(H, SchedPolicy::Idle), Fails(FaultKind::Unknown)),
            (hold(), Done),
            (stop(G), Done),
            (collect(G, 0), WORKED),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
];
