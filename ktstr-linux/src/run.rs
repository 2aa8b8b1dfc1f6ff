//! The cgroups of one run: its own, locked as long as the supervisor lives, and all that the scenario makes
//! below it, each held open.

use crate::cgroupfs::{Dir, Lock};
use crate::clean::{before_a_run, make_run, remove_run};
use crate::clock::{TURN_TIME, after};
use crate::fault::{errno_fault, fault};
use crate::identity::{Origin, RunName};
use crate::kill;
use crate::leaf::{self, Entrance, Leaf, Leaves};
use crate::parent::{self, Locked, Parent};
use ktstr_core::{Controller, Controllers, Fault, FaultKind, Placement};
use rustix::io::Errno;
use std::collections::BTreeMap;

/// The cgroups of a run.
pub(crate) struct Run {
    parent: Dir,
    name: String,
    /// Who the run is, as its payloads are marked.
    identity: String,
    own: Dir,
    /// As long as it is held the run lives.
    lock: Option<Lock>,
    cgroups: BTreeMap<String, Node>,
    /// Whether the kernel can start processes in these cgroups. It cannot where the supervisor sits in a
    /// cgroup that was once killed through `cgroup.kill` (Linux 6.14 and later): there each child enters its
    /// cgroup itself.
    clone_into: bool,
    /// How many processes in or below the run's own cgroup were killed for want of memory, as far as that was
    /// seen; `None` where the memory controller is not in use.
    oom_kills: Option<u64>,
    /// For payloads in the runner's cgroup; unknown before the first.
    leaves: Option<Option<Leaves>>,
}

struct Node {
    dir: Dir,
    /// Whether it was frozen itself, its ancestors apart.
    frozen: bool,
    /// Whether all in it was killed through `cgroup.kill`: some kernels kill what they make there afterwards
    /// (Linux 6.14 to 6.18), so that each child enters it itself.
    killed: bool,
    /// How many of its processes were killed for want of memory, as far as that was seen.
    oom_kills: u64,
}

impl Run {
    /// Makes the run's own cgroup and enables controllers on the way down to it; removes what dead runs have
    /// left there.
    ///
    /// # Errors
    /// Of the parent, or of what the kernel says; nothing is left behind then.
    pub(crate) fn begin(parent: &Parent, controllers: Controllers) -> Result<Self, Fault> {
        let locked = parent.lock(true)?.ok_or_else(|| fault(FaultKind::Missing, &parent.path))?;
        before_a_run(parent, &locked);
        let run = parent.enable(controllers).and_then(|()| Self::make(&locked)?.enabled(controllers));
        match run {
            Ok(run) => Ok(run),
            Err(fault) => {
                parent.leave(&locked);
                Err(fault)
            }
        }
    }

    fn make(locked: &Locked) -> Result<Self, Fault> {
        let system = |errno| errno_fault(errno, "the run's own cgroup");
        let parent = locked.dir.descend("").map_err(system)?;
        let fresh = RunName::fresh().map_err(system)?;
        let (name, identity) = (fresh.to_string(), Origin::of(&parent).map_err(system)?.run(&fresh));
        let own = make_run(locked, &fresh).map_err(system)?;
        let made = own.try_lock().and_then(|lock| Ok((lock, Entrance::Into(&own).works()?)));
        match made {
            Ok((lock, clone_into)) => {
                let (cgroups, lock) = (BTreeMap::new(), Some(lock));
                let (oom_kills, leaves) = (None, None);
                Ok(Self { parent, name, identity, own, lock, cgroups, clone_into, oom_kills, leaves })
            }
            Err(errno) => {
                // The error that counts is the first.
                let _ = kill::remove_tree(&parent, &name);
                Err(system(errno))
            }
        }
    }

    /// The same with controllers enabled for the cgroups that the scenario makes; nothing is left behind
    /// where that fails.
    fn enabled(mut self, controllers: Controllers) -> Result<Self, Fault> {
        self.oom_kills = controllers.has(Controller::Memory).then_some(0);
        match parent::enable(&self.own, &self.name, controllers) {
            Ok(_) => Ok(self),
            Err(fault) => {
                // The error that counts is the first.
                let _ = kill::remove_tree(&self.parent, &self.name);
                Err(fault)
            }
        }
    }

    /// The run's own cgroup.
    pub(crate) fn own(&self) -> &Dir {
        &self.own
    }

    /// The mark of payload `id`.
    pub(crate) fn payload_mark(&self, id: u32) -> String {
        format!("{}/{id}", self.identity)
    }

    /// The name of the run's own cgroup.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The directory of a cgroup.
    ///
    /// # Errors
    /// `Missing`.
    pub(crate) fn dir(&self, path: &str) -> Result<&Dir, Fault> {
        self.cgroups.get(path).map(|node| &node.dir).ok_or_else(|| errno_fault(Errno::NOENT, path))
    }

    /// The directory above a cgroup, which is the run's own for one at the top, and the cgroup's name in it.
    ///
    /// # Errors
    /// `Missing`.
    pub(crate) fn above<'p>(&self, path: &'p str) -> Result<(&Dir, &'p str), Fault> {
        match path.rsplit_once('/') {
            Some((above, name)) => Ok((self.dir(above)?, name)),
            None => Ok((&self.own, path)),
        }
    }

    /// Makes a cgroup.
    ///
    /// # Errors
    /// What mkdir says; `Missing` for a parent that is not there.
    pub(crate) fn create(&mut self, path: &str) -> Result<(), Fault> {
        let (above, name) = self.above(path)?;
        let dir = above.make(name).map_err(|errno| errno_fault(errno, path))?;
        self.cgroups.insert(path.to_owned(), Node { dir, frozen: false, killed: false, oom_kills: 0 });
        Ok(())
    }

    /// Removes a cgroup in which nothing lives, with what payloads have made below it.
    ///
    /// # Errors
    /// `Busy` while something does, and while one that this run has made is below it.
    pub(crate) fn remove(&mut self, path: &str) -> Result<(), Fault> {
        match self.remove_empty(path) {
            Err(fault) if fault.kind == FaultKind::Busy && !self.is_in_use(path)? => {
                kill::remove_below(self.dir(path)?).map_err(|errno| errno_fault(errno, path))?;
                self.remove_empty(path)
            }
            removed => removed,
        }
    }

    /// Removes a cgroup that has none below it.
    fn remove_empty(&mut self, path: &str) -> Result<(), Fault> {
        let (above, name) = self.above(path)?;
        above.remove(name).map_err(|errno| errno_fault(errno, path))?;
        self.cgroups.remove(path);
        Ok(())
    }

    /// Whether something lives in or below a cgroup, or one that this run has made is below it.
    fn is_in_use(&self, path: &str) -> Result<bool, Fault> {
        if self.dir(path)?.events().map_err(|errno| errno_fault(errno, path))?.populated {
            return Ok(true);
        }
        let below = format!("{path}/");
        let mut later = self.cgroups.range(below.clone()..);
        Ok(later.next().is_some_and(|(path, _)| path.starts_with(&below)))
    }

    /// Enables controllers for the children of a cgroup.
    ///
    /// # Errors
    /// As for [`parent::enable`].
    pub(crate) fn enable(&self, path: &str, controllers: Controllers) -> Result<(), Fault> {
        parent::enable(self.dir(path)?, path, controllers).map(|_| ())
    }

    /// How a child starts in a cgroup; the runner's is the supervisor's own.
    ///
    /// # Errors
    /// `Missing`; `TimedOut` for a frozen one: nothing that starts there gets anywhere before the thaw, and
    /// neither does whoever waits for it.
    pub(crate) fn entrance(&self, placement: Placement<'_>) -> Result<Entrance<'_>, Fault> {
        let door = self.door(placement)?;
        if let Placement::Cgroup(path) = placement
            && self.dir(path)?.events().map_err(|errno| errno_fault(errno, path))?.frozen
        {
            return Err(frozen(path));
        }
        Ok(door)
    }

    /// The same for children that are not waited for without a look at [`is_stuck`](Self::is_stuck) now and
    /// then: only what this run has frozen itself is refused.
    ///
    /// # Errors
    /// As for [`entrance`](Self::entrance).
    pub(crate) fn door(&self, placement: Placement<'_>) -> Result<Entrance<'_>, Fault> {
        let Placement::Cgroup(path) = placement else { return Ok(Entrance::Here) };
        let dir = self.dir(path)?;
        if self.is_frozen(placement) {
            return Err(frozen(path));
        }
        if self.clone_into && !self.cgroups.get(path).is_some_and(|node| node.killed) {
            return Ok(Entrance::Into(dir));
        }
        dir.control("cgroup.procs").map(Entrance::Join).map_err(|errno| errno_fault(errno, path))
    }

    /// Whether nothing gets anywhere in a cgroup, as it is frozen, by whomever.
    pub(crate) fn is_stuck(&self, placement: Placement<'_>) -> bool {
        placement.cgroup().is_some_and(|path| {
            self.dir(path).is_ok_and(|dir| dir.events().is_ok_and(|events| events.frozen))
        })
    }

    /// Makes a cgroup for payload `id`, which is to run in the runner's; `None` where it can have none.
    pub(crate) fn leaf(&mut self, parent: &Parent, id: u32) -> Option<Leaf> {
        let leaves = self.leaves.get_or_insert_with(|| Leaves::of_run(parent, &self.own, &self.name).ok());
        leaves.as_mut()?.make(id).ok()
    }

    /// Whether a cgroup of the run is frozen, by itself or by one above it.
    pub(crate) fn is_frozen(&self, placement: Placement<'_>) -> bool {
        let Placement::Cgroup(mut at) = placement else { return false };
        loop {
            if self.cgroups.get(at).is_some_and(|node| node.frozen) {
                return true;
            }
            match at.rsplit_once('/') {
                Some((above, _)) => at = above,
                None => return false,
            }
        }
    }

    /// Freezes a cgroup and waits until the kernel has.
    ///
    /// # Errors
    /// `TimedOut`, and it is thawed again.
    pub(crate) fn freeze(&mut self, path: &str) -> Result<(), Fault> {
        let about = |errno| errno_fault(errno, path);
        let dir = self.dir(path)?;
        dir.write("cgroup.freeze", "1").map_err(about)?;
        let frozen = dir.await_events(after(TURN_TIME), |events| events.frozen);
        if !matches!(frozen, Ok(true)) {
            // The error that counts is the first.
            let _ = dir.write("cgroup.freeze", "0");
            return Err(about(frozen.err().unwrap_or(Errno::TIMEDOUT)));
        }
        self.mark(path, true);
        Ok(())
    }

    /// Notes that a cgroup is to be thawed, so that its workers learn of it before they run.
    pub(crate) fn mark(&mut self, path: &str, frozen: bool) {
        if let Some(node) = self.cgroups.get_mut(path) {
            node.frozen = frozen;
        }
    }

    /// Thaws a cgroup that was marked, and waits until the kernel has, unless one above it is frozen.
    ///
    /// # Errors
    /// `TimedOut`.
    pub(crate) fn thaw(&self, path: &str) -> Result<(), Fault> {
        let about = |errno| errno_fault(errno, path);
        let dir = self.dir(path)?;
        dir.write("cgroup.freeze", "0").map_err(about)?;
        if self.is_frozen(Placement::Cgroup(path)) {
            return Ok(());
        }
        match dir.await_events(after(TURN_TIME), |events| !events.frozen).map_err(about)? {
            true => Ok(()),
            false => Err(about(Errno::TIMEDOUT)),
        }
    }

    /// Kills all in a cgroup and below it, and waits until nothing is left. Who was a child of ours stays
    /// unreaped, so that its end is known.
    ///
    /// # Errors
    /// `Missing` also where the kernel has no `cgroup.kill` (before 5.14); `TimedOut`.
    pub(crate) fn kill(&mut self, path: &str) -> Result<(), Fault> {
        let about = |errno| errno_fault(errno, path);
        self.dir(path)?.write("cgroup.kill", "1").map_err(about)?;
        let below = format!("{path}/");
        for (name, node) in self.cgroups.range_mut(path.to_owned()..) {
            node.killed |= name == path || name.starts_with(&below);
        }
        match self.dir(path)?.await_events(after(TURN_TIME), |events| !events.populated).map_err(about)? {
            true => Ok(()),
            false => Err(about(Errno::TIMEDOUT)),
        }
    }

    /// How many processes were killed for want of memory since the last time, by cgroup; those that were in
    /// no cgroup that is there now come last, without a path. Costs one read where nothing was killed.
    pub(crate) fn fresh_oom_kills(&mut self) -> Vec<(String, u64)> {
        let Some(seen) = &mut self.oom_kills else { return Vec::new() };
        // Of the cgroup and all below it, those that were removed too.
        let Some(all) = oom_kills(&self.own, "memory.events").filter(|all| all > seen) else {
            return Vec::new();
        };
        let mut rest = all - core::mem::replace(seen, all);
        let mut fresh = Vec::new();
        for (path, node) in &mut self.cgroups {
            let Some(own) = oom_kills(&node.dir, "memory.events.local") else { continue };
            let more = own.saturating_sub(core::mem::replace(&mut node.oom_kills, own));
            if more > 0 {
                rest = rest.saturating_sub(more);
                fresh.push((path.clone(), more));
            }
        }
        if rest > 0 {
            fresh.push((String::new(), rest));
        }
        fresh
    }

    /// Removes the run's own cgroup, in which nothing may be left but empty cgroups that payloads have made,
    /// nor a payload outside of it, and undoes what was changed above it.
    ///
    /// # Errors
    /// `Busy` while something is left; the run goes on then.
    pub(crate) fn finish(&mut self, parent: &Parent) -> Result<(), Fault> {
        let about = |errno| errno_fault(errno, &self.name);
        let locked = parent.lock(false)?;
        if !self.cgroups.is_empty()
            || self.own.events().map_err(about)?.populated
            || leaf::any_left(parent, &self.own, &self.name).map_err(about)?
        {
            return Err(about(Errno::BUSY));
        }
        kill::remove_below(&self.own).map_err(about)?;
        self.parent.remove(&self.name).map_err(about)?;
        if let Some(locked) = &locked {
            parent.leave(locked);
        }
        Ok(())
    }

    /// Kills and removes everything, for a run that ends without its teardown.
    ///
    /// # Errors
    /// The first that could not be removed; everything else was removed then, but for the run's own cgroup.
    pub(crate) fn abandon(&mut self, parent: &Parent) -> Result<(), Fault> {
        self.cgroups.clear();
        let removed = remove_run(parent, &self.parent, &self.own, &self.name);
        // What stays is for the next to try.
        self.lock = None;
        removed.map_err(|errno| errno_fault(errno, &self.name))?;
        if let Ok(Some(locked)) = parent.lock(false) {
            parent.leave(&locked);
        }
        Ok(())
    }
}

fn frozen(path: &str) -> Fault {
    fault(FaultKind::TimedOut, &format!("{path} is frozen, nothing can start in it"))
}

/// What a file of events says of processes that were killed for want of memory; nothing where the memory
/// controller is not in use.
fn oom_kills(dir: &Dir, file: &str) -> Option<u64> {
    let text = dir.read(file).ok()?;
    text.lines().find_map(|line| line.strip_prefix("oom_kill "))?.trim().parse().ok()
}
