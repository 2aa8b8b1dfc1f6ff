//! Payloads.

use super::*;

/// The programs.
pub(super) const PROGRAMS: &[Program] = &[
    plain(
        "payloads end with their code",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &TRUE, "a"), Done),
            (run(Q, &FALSE, "a"), Done),
            (wait(P, LONG), Ended(ExitStatus::Exited(0))),
            (wait(Q, LONG), Ended(ExitStatus::Exited(1))),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a failed payload's last words are reported",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &SAYS_WHY, "a"), Done),
            (wait(P, LONG), Ended(ExitStatus::Exited(3))),
            (output(P), Said("begun\n", "reason\n")),
            (output(P), Said("begun\n", "reason\n")),
            (output(Q), Fails(FaultKind::Unknown)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a payload that runs has no last words yet",
        &[
            (prepare(NONE), Done),
            (run_at(P, &SLEEP, RunnerCgroup), Done),
            (output(P), Fails(FaultKind::Unknown)),
            (kill(P), EndedSomehow),
            (output(P), Said("", "")),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a payload that runs on is killed",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &SLEEP, "a"), Done),
            (procs("a"), Procs(1)),
            (wait(P, MOMENT), TimedOut),
            (remove("a"), Fails(FaultKind::Busy)),
            (kill(P), Ended(ExitStatus::Signalled(15))),
            (procs("a"), Procs(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a payload outside the run's cgroups",
        &[
            (prepare(NONE), Done),
            (run_at(P, &TRUE, RunnerCgroup), Done),
            (wait(P, LONG), EndedSomehow),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a frozen payload is killed all the same",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &SLEEP, "a"), Done),
            (freeze("a"), Done),
            (kill(P), EndedSomehow),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a program that is not there leaves nothing",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &NO_SUCH, "a"), Fails(FaultKind::NoProgram)),
            (procs("a"), Procs(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "nothing remains to be killed",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (Action::KillRemaining { path: "a" }, Killed(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
];
