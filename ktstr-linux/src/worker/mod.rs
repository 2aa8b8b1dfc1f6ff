//! Groups of workers: forked, set up, held at a barrier, started together, stopped, and reported on.
//! What they do is in `works`; this file is the supervisor's side, and the few lines a fork runs through.

mod births;
mod child;
mod context;
mod histogram;
mod lock;
mod machine;
mod phase;
mod progress;
mod queue;
mod report;
mod scratch;
mod setup;
mod shared;
mod stop;
mod turn;
mod works;

use crate::clock::{TURN_TIME, after, now};
use crate::fault::{errno_fault, fault};
use crate::sys::clone::{Child, Place};
use crate::sys::reap::{self, End, Reaped};
use crate::sys::shm::Region;
use crate::sys::{exec, futex, sched, signals};
pub(crate) use births::Births;
use ktstr_core::{AffinityPlan, CpuSet, Fault, FaultKind, Placement, SchedPolicy, WorkSpec, WorkType};
pub(crate) use phase::Reading;
use rustix::io::Errno;
use rustix::process::{Signal, pidfd_send_signal};
pub(crate) use setup::Stage;
use shared::{Head, Slot, go, state};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a group is to be.
pub(crate) struct Order<'a> {
    pub(crate) work: &'a WorkSpec<'a>,
    pub(crate) workers: u32,
    pub(crate) affinity: AffinityPlan,
    pub(crate) seed: u64,
    /// Each worker spins for a time below this before it begins, drawn from the seed.
    pub(crate) jitter_ns: u64,
}

struct Worker {
    child: Child,
    /// How it ended, once it was reaped, and when that was seen.
    end: Option<(Reaped, u64)>,
    /// Whether it had not stopped in time.
    killed: bool,
    /// Whether it had ended before it was asked to.
    early: bool,
    /// Whether it was given by [`Group::freshly_killed`].
    noticed: bool,
}

/// A group of workers.
pub(crate) struct Group {
    region: Region<Head, Slot>,
    workers: Vec<Worker>,
    /// Whether all are known to be set up.
    is_set_up: bool,
    /// The path of its cgroup; `None` for the runner's.
    cgroup: Option<String>,
    frozen_since: Option<u64>,
    /// Whether its workers have children, for which they wait.
    forks: bool,
    /// Whether its workers sleep on the words of their slots.
    in_teams: bool,
    /// The pipes of teams of more than two, in which a member may wait for one that has ended.
    inboxes: Vec<context::Inbox>,
    /// When the workers were asked to stop.
    asked: Option<u64>,
}

impl Group {
    /// Makes the workers of a group and sets them up; they wait for [`start`](Self::start). Where nothing in
    /// their setup can fail it goes on by itself, for [`await_setup`](Self::await_setup) to wait for.
    ///
    /// # Errors
    /// The errno of clone3 or of the first setup that failed; all workers have ended then.
    pub(crate) fn spawn(
        entrance: Place<'_>,
        placement: Placement<'_>,
        order: &Order<'_>,
        births: &mut Births,
        is_frozen: &dyn Fn(Placement<'_>) -> bool,
    ) -> Result<Self, Fault> {
        let region = births
            .region(order.workers as usize)
            .map_err(|errno| errno_fault(errno, "memory shared with the workers"))?;
        let mut group = Self {
            region,
            workers: Vec::new(),
            is_set_up: false,
            cgroup: placement.cgroup().map(str::to_owned),
            frozen_since: None,
            forks: works::needs(&order.work.work_type).children,
            in_teams: order.work.work_type.team_size() > 1,
            inboxes: Vec::new(),
            asked: None,
        };
        group.region.head().epoch.store(2, Ordering::Release);
        let may_fail = matches!(entrance, Place::Join(_)) || setup::may_fail(order);
        let set_up = |group: &mut Self| if may_fail { group.await_setup(is_frozen) } else { Ok(()) };
        let made = group.fork_all(entrance, order, births).and_then(|()| set_up(&mut group));
        match made {
            Ok(()) => Ok(group),
            Err(fault) => {
                group.kill();
                Err(fault)
            }
        }
    }

    fn fork_all(&mut self, entrance: Place<'_>, order: &Order<'_>, births: &mut Births) -> Result<(), Fault> {
        let work_type = order.work.work_type;
        let needed = if works::needs(&work_type).inboxes { order.workers } else { 0 };
        let inboxes = context::inboxes(needed).map_err(|errno| errno_fault(errno, "pipes"))?;
        let size = work_type.team_size() as usize;
        let teams = order.workers.div_ceil(work_type.team_size());
        let needed = if works::needs(&work_type).event { teams } else { 0 };
        let events = context::events(needed).map_err(|errno| errno_fault(errno, "eventfds"))?;
        let files = Self::files(order, &work_type)?;
        let procs = if works::needs(&work_type).neighbours { entrance.procs() } else { None };
        let page = rustix::param::page_size();
        let supervisor = rustix::process::getpid();
        let _blocked = signals::block_all();
        for index in 0..order.workers {
            let file = files.get(index as usize);
            let wires = context::Wires { inboxes: &inboxes, events: &events, file, procs: procs.as_ref() };
            let team = context::Team::of(self.region.slots(), wires, size, index as usize);
            let mut keep: Vec<_> = team.descriptors().collect();
            keep.sort_unstable();
            let start = child::Start {
                head: self.region.head(),
                slots: self.region.slots(),
                index,
                plan: setup::Plan {
                    supervisor,
                    work: setup::unnamed(order.work),
                    policy: works::policy(&work_type, index as usize % size),
                    comm: order.work.comm.map(setup::comm),
                    affinity: order.affinity.for_worker(index),
                },
                offset: child::offset(order, index),
                seed: child::seed(order, index),
                team,
                keep: &keep,
                page,
            };
            let child = births.fork(entrance, &self.region, &start);
            let child = child.map_err(|errno| errno_fault(errno, self.placement().name()))?;
            self.workers.push(Worker { child, end: None, killed: false, early: false, noticed: false });
        }
        if size > 2 {
            self.inboxes = inboxes;
        }
        Ok(())
    }

    /// A file without a name for each worker, where the work needs one.
    fn files(order: &Order<'_>, work_type: &WorkType) -> Result<Vec<OwnedFd>, Fault> {
        let needs = works::needs(work_type);
        if !needs.file {
            return Ok(Vec::new());
        }
        let directory = std::env::temp_dir();
        scratch::files(order.workers, &directory, needs.direct).map_err(|errno| {
            let how = if needs.direct { "O_DIRECT on a file" } else { "a file" };
            errno_fault(errno, &format!("{how} without a name in {}", directory.display()))
        })
    }

    /// Where its workers are.
    pub(crate) fn placement(&self) -> Placement<'_> {
        self.cgroup.as_deref().into()
    }

    /// Whether its workers have children.
    pub(crate) fn forks(&self) -> bool {
        self.forks
    }

    /// Notes that its workers were moved.
    pub(crate) fn moved(&mut self, to: Placement<'_>) {
        self.cgroup = to.cgroup().map(str::to_owned);
    }

    /// Waits until every worker is set up, unless that is known. `is_frozen` says whether their cgroup is.
    ///
    /// # Errors
    /// The first setup that failed; `TimedOut` where they are frozen, and get nowhere.
    pub(crate) fn await_setup(&mut self, is_frozen: &dyn Fn(Placement<'_>) -> bool) -> Result<(), Fault> {
        if self.is_set_up {
            return Ok(());
        }
        let deadline = after(TURN_TIME);
        let mut looks = 0u32;
        loop {
            let settled = self.region.head().settled.load(Ordering::SeqCst);
            let all = settled as usize == self.workers.len();
            if (looks > 0 || all)
                && let Some(fault) = self.setup_fault()
            {
                return Err(fault);
            }
            if all {
                self.is_set_up = true;
                return Ok(());
            }
            if looks > 1 && is_frozen(self.placement()) {
                return Err(fault(FaultKind::TimedOut, "workers are frozen while they are set up"));
            }
            looks += 1;
            if now() >= deadline {
                let detail = format!("workers are not set up after {} s", TURN_TIME.as_secs());
                return Err(fault(FaultKind::TimedOut, &detail));
            }
            let slice = after(Duration::from_millis(20)).min(deadline);
            let head = self.region.head();
            // Whoever settles after this wakes us; whoever has settled before it has changed the number.
            head.awaited.store(1, Ordering::SeqCst);
            futex::wait(&head.settled, settled, Some(slice));
        }
    }

    fn setup_fault(&mut self) -> Option<Fault> {
        for (index, (worker, slot)) in self.workers.iter_mut().zip(self.region.slots()).enumerate() {
            match slot.state.load(Ordering::Acquire) {
                state::FAILED => {
                    let errno = Errno::from_raw_os_error(slot.error.load(Ordering::Relaxed));
                    let who = format!("worker {index}");
                    let stage = setup::Stage::ALL.get(slot.stage.load(Ordering::Relaxed) as usize);
                    return Some(
                        stage.map_or_else(|| errno_fault(errno, &who), |stage| stage.fault(errno, &who)),
                    );
                }
                state::NEW => {}
                _ => continue,
            }
            match worker.try_reap() {
                Some(End::Exited(exec::NOT_PLACED)) => {
                    return Some(Fault::from_errno(libc::EPERM, "cgroup.procs"));
                }
                Some(end) => {
                    let detail = format!("worker {index} ended while it was set up: {end:?}");
                    return Some(fault(FaultKind::NoProcess, &detail));
                }
                None => {}
            }
        }
        None
    }

    /// Lets the workers run.
    pub(crate) fn start(&self) {
        let head = self.region.head();
        head.started_at.store(now(), Ordering::Release);
        head.go.store(go::RUN, Ordering::Release);
        futex::wake_all(&head.go);
    }

    /// Whether it was started.
    pub(crate) fn is_started(&self) -> bool {
        self.region.head().go.load(Ordering::Relaxed) != go::WAIT
    }

    /// Gives each worker its affinity; puts back what was changed when one fails.
    ///
    /// # Errors
    /// The errno of sched_setaffinity. A worker that has ended is passed over: its end is reported anyway.
    pub(crate) fn set_affinity(&self, plan: &AffinityPlan) -> Result<(), Errno> {
        let mut changed: Vec<(i32, CpuSet)> = Vec::new();
        for (index, worker) in self.workers.iter().enumerate() {
            let cpus = plan.anew_for_worker(index as u32);
            let pid = worker.pid();
            let set = sched::affinity(pid).and_then(|before| {
                sched::set_affinity(pid, &cpus)?;
                changed.push((pid, before));
                Ok(())
            });
            match set {
                Ok(()) | Err(Errno::SRCH) => {}
                Err(errno) => {
                    for (pid, before) in changed {
                        // Best effort: the fault that is reported is the first one.
                        let _ = sched::set_affinity(pid, &before);
                    }
                    return Err(errno);
                }
            }
        }
        Ok(())
    }

    /// Has nobody noticed of workers that end from now on, as they are killed on purpose.
    pub(crate) fn end_unnoticed(&mut self) {
        self.workers.iter_mut().for_each(|worker| worker.noticed = true);
    }

    /// Gives each worker this nice value.
    ///
    /// # Errors
    /// `EACCES` for a lower one without the right to it: of the first, for all have the same rights. A worker
    /// that is gone is passed over.
    pub(crate) fn set_nice(&self, nice: i32) -> Result<(), Errno> {
        self.each_live(|pid| sched::set_nice_of(pid, nice))
    }

    /// Gives each worker this policy; under the normal ones it keeps its nice value.
    ///
    /// # Errors
    /// `EPERM` without the right to it, `EINVAL` where the kernel does not know it: of the first, for all
    /// have the same rights. A worker that is gone is passed over.
    pub(crate) fn set_policy(&self, policy: SchedPolicy) -> Result<(), Errno> {
        self.each_live(|pid| sched::set_policy_of(pid, policy))
    }

    fn each_live(&self, change: impl Fn(i32) -> Result<(), Errno>) -> Result<(), Errno> {
        for worker in &self.workers {
            match change(worker.pid()) {
                Ok(()) | Err(Errno::SRCH) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Ends the watch of CPUs and says which were seen in it; none when there was no watch.
    pub(crate) fn end_watch(&self) -> CpuSet {
        let head = self.region.head();
        let epoch = head.epoch.load(Ordering::Acquire);
        if !epoch.is_multiple_of(2) {
            return CpuSet::EMPTY;
        }
        head.epoch.store(epoch.wrapping_add(1), Ordering::Release);
        self.region.slots().iter().fold(CpuSet::EMPTY, |cpus, slot| cpus.or(&slot.seen_in(epoch)))
    }

    /// Begins a watch of CPUs.
    pub(crate) fn begin_watch(&self) {
        let head = self.region.head();
        let epoch = head.epoch.load(Ordering::Acquire);
        let next = (epoch | 1).wrapping_add(1);
        head.epoch.store(if next == 0 { 2 } else { next }, Ordering::Release);
    }

    /// Notes that the group is frozen from now on, or no longer, so that frozen time is no gap.
    pub(crate) fn set_frozen(&mut self, frozen: bool) {
        match (frozen, self.frozen_since) {
            (true, None) => self.frozen_since = Some(now()),
            (false, Some(since)) => {
                self.region.head().frozen_ns.fetch_add(now().saturating_sub(since), Ordering::AcqRel);
                self.frozen_since = None;
            }
            _ => {}
        }
    }

    /// The workers that a signal has killed since the last time, with process id and signal, while nobody has
    /// asked them to stop. They are not reaped, so that their numbers mean nobody else.
    pub(crate) fn freshly_killed(&mut self) -> Vec<(u32, u32, i32)> {
        if self.asked.is_some() {
            return Vec::new();
        }
        let fresh = |worker: &&Worker| worker.end.is_none() && !worker.noticed;
        let watched: Vec<_> = self.workers.iter().filter(fresh).collect();
        let ended = reap::which_have_ended(watched.iter().map(|worker| worker.child.pidfd.as_fd()));
        let mut ended = ended.into_iter();
        let mut killed = Vec::new();
        for (number, worker) in self.workers.iter_mut().enumerate() {
            if worker.end.is_some() || worker.noticed || !ended.next().unwrap_or(false) {
                continue;
            }
            worker.noticed = true;
            if let Some(End::Signalled(signal)) = reap::peek(worker.child.pidfd.as_fd()) {
                killed.push((number as u32, worker.pid().unsigned_abs(), signal));
            }
        }
        killed
    }

    /// The processes of the workers that have not been reaped.
    pub(crate) fn pids(&self) -> impl Iterator<Item = i32> + '_ {
        self.workers.iter().filter(|worker| worker.end.is_none()).map(Worker::pid)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.workers.iter().any(|worker| worker.end.is_none()) {
            self.kill();
        }
    }
}

impl Worker {
    fn pid(&self) -> i32 {
        self.child.pid.as_raw_nonzero().get()
    }

    /// How it ended, if it has.
    fn try_reap(&mut self) -> Option<End> {
        if self.end.is_none() {
            let reaped = match reap::try_reap(self.child.pidfd.as_fd()) {
                Ok(reaped) => reaped?,
                // Somebody else has reaped it: a handler of the program we are part of.
                Err(_) => Reaped { end: End::Exited(0), cpu_ns: 0 },
            };
            self.end = Some((reaped, now()));
        }
        self.end.map(|(reaped, _)| reaped.end)
    }

    fn kill(&mut self) {
        if self.try_reap().is_none() {
            self.killed = true;
            // Fails only when it has ended already, which the reaping shows.
            let _ = pidfd_send_signal(&self.child.pidfd, Signal::KILL);
        }
    }
}
