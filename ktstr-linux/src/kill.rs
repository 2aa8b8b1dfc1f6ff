//! Empties a cgroup and all below it, and removes such trees.
//!
//! `cgroup.kill` is kept for trees that are removed next, and for scenarios that ask for it: since Linux 6.14
//! whatever is started by clone3 into a cgroup that was once killed dies at once. Everywhere else processes
//! are killed one by one through pidfds; if new ones keep coming the cgroup is frozen meanwhile, and a frozen
//! process does die of SIGKILL. What a signal may not reach, as it has the rights of another user (a setuid
//! program below an unprivileged supervisor), is moved into a cgroup made for it, which is killed and
//! removed: that takes the right to the cgroups only.

use crate::cgroupfs::Dir;
use crate::clock::{TURN_TIME, after, now};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::time::Duration;

/// How often all processes are killed before the cgroup is frozen to stop new ones.
const ROUNDS: u32 = 3;

/// The cgroup that is made to kill what is in it. No cgroup of a scenario may be called so.
const APART: &str = ".ktstr-apart";

/// Kills everything in a cgroup of `run` and below it and waits until it is empty; answers which processes
/// were killed.
///
/// # Errors
/// `ETIMEDOUT` when it is not empty in time.
pub(crate) fn all(dir: &Dir, run: &Dir) -> Result<BTreeSet<i32>, Errno> {
    let mut killed = Killed { pids: BTreeSet::new(), run };
    for _ in 0..ROUNDS {
        if !dir.events()?.populated {
            return Ok(killed.pids);
        }
        kill_round(dir, &mut killed)?;
        if dir.await_events(after(Duration::from_millis(200)), |events| !events.populated)? {
            return Ok(killed.pids);
        }
    }
    let was_frozen = dir.read("cgroup.freeze").is_ok_and(|text| text.trim() == "1");
    dir.write("cgroup.freeze", "1")?;
    // Frozen or not by then, the round that follows kills what is there.
    let _ = dir.await_events(after(Duration::from_secs(1)), |events| events.frozen || !events.populated);
    let emptied = kill_round(dir, &mut killed)
        .and_then(|()| dir.await_events(after(TURN_TIME), |events| !events.populated));
    if !was_frozen {
        dir.write("cgroup.freeze", "0")?;
    }
    if emptied? { Ok(killed.pids) } else { Err(Errno::TIMEDOUT) }
}

/// Whom a kill has reached.
struct Killed<'a> {
    pids: BTreeSet<i32>,
    run: &'a Dir,
}

fn kill_round(dir: &Dir, killed: &mut Killed<'_>) -> Result<(), Errno> {
    dir.each_below(|_, _, child| kill_here(child, killed))?;
    kill_here(dir, killed)
}

fn kill_here(dir: &Dir, killed: &mut Killed<'_>) -> Result<(), Errno> {
    // Those of a threaded cgroup stand in the list of its domain; one that was removed has none.
    let Ok(pids) = dir.procs() else { return Ok(()) };
    let held: Vec<_> = pids
        .into_iter()
        .filter_map(|pid| Some((pid, pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?)))
        .collect();
    // Read again: a number that is still there now means the process that the descriptor holds, or one that
    // is gone.
    let there: BTreeSet<i32> = dir.procs().unwrap_or_default().into_iter().collect();
    let mut denied = BTreeSet::new();
    for (pid, pidfd) in held.iter().filter(|(pid, _)| there.contains(pid)) {
        match pidfd_send_signal(pidfd, Signal::KILL) {
            Ok(()) => killed.pids.insert(*pid),
            Err(Errno::PERM) => denied.insert(*pid),
            Err(_) => false,
        };
    }
    if !denied.is_empty() {
        apart(killed.run, &denied)?;
        killed.pids.extend(denied);
    }
    Ok(())
}

/// Kills processes by their cgroup: one is made for them below `run`, killed and removed.
///
/// # Errors
/// `EPERM` where the kernel has no `cgroup.kill` (before 5.14) or they may not be moved; as for
/// [`remove_tree`].
pub(crate) fn apart(run: &Dir, pids: &BTreeSet<i32>) -> Result<(), Errno> {
    let dir = match run.make(APART) {
        Err(Errno::EXIST) => run.child(APART),
        made => made,
    }?;
    let moved = dir.control("cgroup.kill").map_err(|_| Errno::PERM).and_then(|_| {
        let procs = dir.control("cgroup.procs")?;
        // Who has ended meanwhile need not be moved.
        let refused = |pid: &i32| {
            rustix::io::write(&procs, pid.to_string().as_bytes()).err().filter(|errno| *errno != Errno::SRCH)
        };
        match pids.iter().find_map(refused) {
            Some(Errno::ACCESS) => Err(Errno::PERM),
            Some(errno) => Err(errno),
            None => Ok(()),
        }
    });
    // Also what was moved before one could not be.
    let removed = remove_tree(run, APART);
    moved.and(removed.map(|_| ()))
}

/// Kills everything in the child `name` of `parent`, and removes it and all below it. Answers how many were
/// killed.
///
/// # Errors
/// `ETIMEDOUT` when it is not empty in time, `EBUSY` when somebody puts processes into it.
pub(crate) fn remove_tree<N: AsRef<OsStr> + ?Sized>(parent: &Dir, name: &N) -> Result<u32, Errno> {
    let dir = match parent.child(name) {
        Err(Errno::NOENT) => return Ok(0),
        dir => dir?,
    };
    let killed = remove_inside(&dir)?;
    parent.remove(name)?;
    Ok(killed)
}

/// The same, but keeps the cgroup itself, for the notes on it.
///
/// # Errors
/// As for [`remove_tree`].
pub(crate) fn remove_inside(dir: &Dir) -> Result<u32, Errno> {
    let mut killed = 0;
    if dir.events()?.populated {
        killed = count(dir) as u32;
        all_at_once(dir)?;
    }
    remove_below(dir)?;
    Ok(killed)
}

/// Kills everything in a cgroup that is removed next, and waits until it is empty.
fn all_at_once(dir: &Dir) -> Result<(), Errno> {
    let deadline = after(TURN_TIME);
    loop {
        // Kernels before 5.14 have no such file.
        if dir.write("cgroup.kill", "1").is_err() {
            return all(dir, dir).map(|_| ());
        }
        // Then again, for what somebody has put into it meanwhile.
        if dir.await_events(after(Duration::from_secs(1)).min(deadline), |events| !events.populated)? {
            return Ok(());
        }
        if now() >= deadline {
            return Err(Errno::TIMEDOUT);
        }
    }
}

/// Removes all cgroups below one, in which nothing may live.
///
/// # Errors
/// `EBUSY` when something does, or is mounted there.
pub(crate) fn remove_below(dir: &Dir) -> Result<(), Errno> {
    dir.each_below(|above, name, _| match above.remove(name) {
        Err(Errno::NOENT) => Ok(()),
        removed => removed,
    })
}

/// How many processes there are in a cgroup and below it, as far as that can be read.
fn count(dir: &Dir) -> usize {
    let here = |dir: &Dir| dir.procs().map_or(0, |pids| pids.len());
    let mut below = 0;
    // What cannot be read is not counted, but killed all the same.
    let _ = dir.each_below(|_, _, child| {
        below += here(child);
        Ok(())
    });
    here(dir) + below
}
