//! Empties a cgroup and all below it, and removes such trees.
//!
//! `cgroup.kill` is kept for trees that are removed next: since Linux 6.14 whatever is started by clone3 into a cgroup
//! that was once killed dies at once. Everywhere else processes are killed one by one through pidfds; if new ones keep
//! coming the cgroup is frozen meanwhile, and a frozen process does die of SIGKILL.

use crate::cgroupfs::Dir;
use crate::clock::{TURN_TIME, after, now};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::time::Duration;

/// How often all processes are killed before the cgroup is frozen to stop new ones.
const ROUNDS: u32 = 3;

/// Kills everything in a cgroup and below it and waits until it is empty; answers which processes were killed.
///
/// # Errors
/// `ETIMEDOUT` when it is not empty in time.
pub(crate) fn all(dir: &Dir) -> Result<BTreeSet<i32>, Errno> {
    let mut killed = BTreeSet::new();
    for _ in 0..ROUNDS {
        if !dir.events()?.populated {
            return Ok(killed);
        }
        kill_round(dir, &mut killed)?;
        if dir.await_events(after(Duration::from_millis(200)), |events| !events.populated)? {
            return Ok(killed);
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
    if emptied? { Ok(killed) } else { Err(Errno::TIMEDOUT) }
}

fn kill_round(dir: &Dir, killed: &mut BTreeSet<i32>) -> Result<(), Errno> {
    dir.each_below(|_, _, child| kill_here(child, killed))?;
    kill_here(dir, killed)
}

fn kill_here(dir: &Dir, killed: &mut BTreeSet<i32>) -> Result<(), Errno> {
    // Those of a threaded cgroup stand in the list of its domain; one that has gone has none.
    let Ok(pids) = dir.procs() else { return Ok(()) };
    let held: Vec<_> = pids
        .into_iter()
        .filter_map(|pid| Some((pid, pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?)))
        .collect();
    // Read again: a number that is still there now means the process that the descriptor holds, or one that is gone.
    let there: BTreeSet<i32> = dir.procs().unwrap_or_default().into_iter().collect();
    for (pid, pidfd) in held {
        if there.contains(&pid) && pidfd_send_signal(&pidfd, Signal::KILL).is_ok() {
            killed.insert(pid);
        }
    }
    Ok(())
}

/// Kills everything in the child `name` of `parent`, and removes it and all below it. Answers how many were killed.
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
            return all(dir).map(|_| ());
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
