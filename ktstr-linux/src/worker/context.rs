//! What the loop of a work type works with: its progress, its team, and what it has to know of the machine
//! and the run. It runs in a fork: no allocation, no locks.

use crate::clock::now;
use crate::sys::shm::Arena;
use crate::sys::{futex, memory, sched};
use crate::worker::progress::Progress;
use crate::worker::shared::Slot;
use ktstr_core::CpuSet;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering;

/// Set in [`Slot::word`] of all when it is time to stop, so that nobody falls asleep on it again.
pub(crate) const STOP: u32 = 1 << 31;

/// How long a worker rests that finds no room for memory or a child.
const NO_ROOM_REST: u64 = 1_000_000;

/// What a worker works with.
pub(crate) struct Context<'a> {
    pub(crate) progress: Progress<'a>,
    pub(crate) team: Team<'a>,
    /// A seed of its own, drawn from the run's.
    pub(crate) seed: u64,
    /// The size of a page.
    pub(crate) page: usize,
}

impl Context<'_> {
    /// The CPUs it may run on now; none where the kernel does not say.
    pub(crate) fn allowed(&self) -> CpuSet {
        sched::affinity(0).unwrap_or(CpuSet::EMPTY)
    }

    /// Memory, as soon as there is room for it; `None` when it is time to stop.
    pub(crate) fn map(&mut self, bytes: usize) -> Option<memory::Pages> {
        while !self.progress.stopped() {
            if let Some(pages) = memory::Pages::map(bytes.max(1)) {
                return Some(pages);
            }
            self.rest();
        }
        None
    }

    /// Rests a moment for want of room, less when it is time to stop.
    pub(crate) fn rest(&mut self) {
        self.progress.wait_for_stop(Some(NO_ROOM_REST));
    }
}

/// A pipe: where one member of a team reads, and where the others write.
pub(crate) type Inbox = (OwnedFd, OwnedFd);

/// The descriptors of a group, made before its workers are: none, or an inbox for each of them, an eventfd
/// for each team, the list of the tasks of their cgroup.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wires<'a> {
    pub(crate) inboxes: &'a [Inbox],
    pub(crate) events: &'a [OwnedFd],
    /// The file of the worker.
    pub(crate) file: Option<&'a OwnedFd>,
    pub(crate) procs: Option<&'a OwnedFd>,
}

/// The workers that work together, as one of them sees it.
#[derive(Clone, Copy)]
pub(crate) struct Team<'a> {
    slots: &'a [Slot],
    inboxes: &'a [Inbox],
    event: Option<&'a OwnedFd>,
    file: Option<&'a OwnedFd>,
    procs: Option<&'a OwnedFd>,
    index: usize,
}

impl<'a> Team<'a> {
    /// The team of the worker with this index in a group whose teams are of `size`.
    pub(crate) fn of(slots: &'a [Slot], wires: Wires<'a>, size: usize, worker: usize) -> Self {
        let size = size.max(1);
        let first = worker / size * size;
        let end = first.saturating_add(size);
        let slots = slots.get(first..end.min(slots.len())).unwrap_or_default();
        let inboxes = wires.inboxes.get(first..end.min(wires.inboxes.len())).unwrap_or_default();
        let event = wires.events.get(worker / size);
        Self { slots, inboxes, event, file: wires.file, procs: wires.procs, index: worker % size }
    }

    /// The same with its descriptors' numbers in shared memory; nothing where there is no room.
    ///
    /// # Safety
    /// The descriptors stay open until the worker that works with this has been made.
    pub(crate) unsafe fn in_shared(&self, arena: &mut Arena) -> Option<Self> {
        let one = |arena: &mut Arena, fd: Option<&OwnedFd>| match fd {
            // SAFETY: a descriptor is a number, and its owner keeps it open as long as is promised; the
            // region of the group keeps the mapping, to which what is copied belongs.
            Some(fd) => unsafe { Some(arena.copy(std::slice::from_ref(fd))?.as_ref().first()) },
            None => Some(None),
        };
        // SAFETY: as above.
        let inboxes = unsafe { arena.copy(self.inboxes)?.as_ref() };
        let (event, file) = (one(arena, self.event)?, one(arena, self.file)?);
        Some(Self { inboxes, event, file, procs: one(arena, self.procs)?, ..*self })
    }

    /// Which of its members this is, from 0.
    pub(crate) const fn index(&self) -> usize {
        self.index
    }

    /// How many of them there are.
    pub(crate) const fn size(&self) -> usize {
        self.slots.len()
    }

    /// What a member shares with the others; the first's is the place for what all share.
    pub(crate) fn slot(&self, member: usize) -> Option<&'a Slot> {
        self.slots.get(member)
    }

    /// The descriptors that this member uses: its own inbox to read, those of the others to write, and what
    /// it has in common with others.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = RawFd> + 'a {
        let own = self.index;
        let inboxes = self.inboxes.iter().enumerate().map(move |(member, (read, write))| {
            if member == own { read.as_raw_fd() } else { write.as_raw_fd() }
        });
        inboxes.chain([self.event, self.file, self.procs].into_iter().flatten().map(AsRawFd::as_raw_fd))
    }

    /// The eventfd that the members have in common.
    pub(crate) fn event(&self) -> Option<BorrowedFd<'a>> {
        self.event.map(AsFd::as_fd)
    }

    /// The file of this worker.
    pub(crate) fn file(&self) -> Option<BorrowedFd<'a>> {
        self.file.map(AsFd::as_fd)
    }

    /// Where this member reads what the others send.
    pub(crate) fn inbox(&self) -> Option<BorrowedFd<'a>> {
        self.inboxes.get(self.index).map(|(inbox, _)| inbox.as_fd())
    }

    /// The processes of the other members.
    pub(crate) fn others(&self) -> impl Iterator<Item = i32> + 'a {
        let own = self.index;
        let others = self.slots.iter().enumerate().filter(move |(member, _)| *member != own);
        others.map(|(_, slot)| slot.pid.load(Ordering::Relaxed) as i32)
    }

    /// Does something with each other process of the cgroup in which it was started, of the first some
    /// hundred.
    pub(crate) fn with_neighbours(&self, mut each: impl FnMut(i32)) {
        let mut text = [0u8; 4096];
        let Some(length) = self.procs.and_then(|procs| rustix::io::pread(procs, &mut text, 0).ok()) else {
            return;
        };
        let own = rustix::process::getpid().as_raw_nonzero().get();
        // The last line may have been cut.
        let whole =
            text[..length].split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        for pid in whole.filter_map(|line| std::str::from_utf8(line).ok()?.trim().parse().ok()) {
            if pid != own && pid > 0 {
                each(pid);
            }
        }
    }

    /// What the word of a member says now; with [`STOP`] when it is time to stop.
    pub(crate) fn count(&self, member: usize) -> u32 {
        self.slots.get(member).map_or(STOP, |slot| slot.word.load(Ordering::Acquire))
    }

    /// Waits until all members have come here, which they do once; false when it is time to stop.
    pub(crate) fn meet(&self, progress: &mut Progress<'_>) -> bool {
        let others = |member: &usize| *member != self.index;
        self.ring(self.index)
            && (0..self.size()).filter(others).all(|member| self.listen(progress, member, 0).is_some())
    }

    /// Counts one more on the word of a member, and wakes all who sleep on it; false when it is time to stop.
    pub(crate) fn ring(&self, member: usize) -> bool {
        let Some(slot) = self.slots.get(member) else { return false };
        slot.woken_at.store(now(), Ordering::Release);
        let mut count = slot.word.load(Ordering::Acquire);
        while count & STOP == 0 {
            let more = count.wrapping_add(1) & !STOP;
            match slot.word.compare_exchange_weak(count, more, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    futex::wake_all(&slot.word);
                    return true;
                }
                Err(found) => count = found,
            }
        }
        false
    }

    /// Sleeps until the word of a member is no longer `seen`, measures the wake-up, and answers what it is
    /// then; `None` when it is time to stop. How long that takes is up to the others, and no gap.
    pub(crate) fn listen(&self, progress: &mut Progress<'_>, member: usize, seen: u32) -> Option<u32> {
        let slot = self.slots.get(member)?;
        let (from, frozen) = (now(), progress.frozen_ns());
        let mut slept = false;
        loop {
            let count = slot.word.load(Ordering::Acquire);
            if count & STOP != 0 {
                progress.waited(now().saturating_sub(from));
                return None;
            }
            if count != seen {
                if slept {
                    progress.woken_after(from, &slot.woken_at, frozen);
                }
                return Some(count);
            }
            slept = true;
            futex::wait(&slot.word, seen, None);
        }
    }

    /// Writes a byte to a member's inbox; false when that is closed and it is time to stop.
    pub(crate) fn send(&self, progress: &mut Progress<'_>, member: usize) -> bool {
        self.send_byte(progress, member, 1)
    }

    /// As [`send`](Self::send), with this byte.
    pub(crate) fn send_byte(&self, progress: &mut Progress<'_>, member: usize, byte: u8) -> bool {
        if let (Some(slot), Some((_, inbox))) = (self.slots.get(member), self.inboxes.get(member)) {
            slot.woken_at.store(now(), Ordering::Release);
            if rustix::io::write(inbox, &[byte]) == Ok(1) {
                return true;
            }
        }
        progress.wait_for_stop(None);
        false
    }

    /// Reads a byte from its inbox and measures the wake-up; false when all others have closed it, or it is
    /// time to stop.
    pub(crate) fn receive(&self, progress: &mut Progress<'_>) -> bool {
        let (from, frozen) = (now(), progress.frozen_ns());
        if let (Some(slot), Some((inbox, _))) = (self.slots.get(self.index), self.inboxes.get(self.index))
            && rustix::io::read(inbox, &mut [0u8; 1]) == Ok(1)
            && !progress.stopped()
        {
            progress.woken_after(from, &slot.woken_at, frozen);
            return true;
        }
        progress.wait_for_stop(None);
        false
    }

    /// Wakes the members that wait for a byte, when it is time to stop: whoever sees that first wakes the
    /// others, of whom none may be left that would write.
    pub(crate) fn leave(&self) {
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        for (member, (_, inbox)) in self.inboxes.iter().enumerate() {
            let mut polled = [PollFd::new(inbox, PollFlags::OUT)];
            // One whose inbox is full, or closed, does not wait for a byte.
            let waits = member != self.index
                && poll(&mut polled, Some(&at_once)) == Ok(1)
                && polled.iter().all(|inbox| inbox.revents() == PollFlags::OUT);
            if waits {
                let _ = rustix::io::write(inbox, &[0]);
            }
        }
    }
}

/// An eventfd for each of so many teams, which never blocks.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub(crate) fn events(teams: u32) -> Result<Vec<OwnedFd>, Errno> {
    (0..teams).map(|_| eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)).collect()
}

/// An inbox for each of so many workers.
///
/// # Errors
/// `EMFILE`, `ENFILE`.
pub(crate) fn inboxes(workers: u32) -> Result<Vec<Inbox>, Errno> {
    (0..workers).map(|_| pipe_with(PipeFlags::CLOEXEC)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::shm::{Arena, Region};
    use crate::worker::shared::{Head, go};
    use ktstr_core::Measure;
    use std::time::Duration;

    fn region(workers: usize) -> Region<Head, Slot> {
        let region: Region<Head, Slot> = Arena::default().region(workers).expect("memory");
        region.head().started_at.store(now(), Ordering::Release);
        region.head().go.store(go::RUN, Ordering::Release);
        region
    }

    #[test]
    fn teams_of_any_size_share_slots_and_descriptors() {
        let (region, inboxes) = (region(6), inboxes(6).expect("pipes"));
        let wires = Wires { inboxes: &inboxes, ..Wires::default() };
        for size in [1, 2, 3, 6] {
            for (worker, (read, _)) in inboxes.iter().enumerate() {
                let team = Team::of(region.slots(), wires, size, worker);
                assert_eq!(team.index(), worker % size);
                let first = worker / size * size;
                let own: Vec<_> =
                    (0..6).filter_map(|member| team.slot(member)).map(std::ptr::from_ref).collect();
                let slots: Vec<_> =
                    region.slots()[first..first + size].iter().map(std::ptr::from_ref).collect();
                assert_eq!(own, slots);
                let used: Vec<_> = team.descriptors().collect();
                assert_eq!((used.len(), used[team.index()]), (size, read.as_raw_fd()));
            }
        }
        assert_eq!(Team::of(region.slots(), Wires::default(), 2, 3).descriptors().count(), 0);
    }

    #[test]
    fn a_byte_goes_round_a_team_of_three_and_whoever_leaves_wakes_the_others() {
        let (region, inboxes) = (region(3), inboxes(3).expect("pipes"));
        let (head, slots) = (region.head(), region.slots());
        let wires = Wires { inboxes: &inboxes, ..Wires::default() };
        let member = |index: usize| {
            let mut progress = Progress::begin(head, &slots[index], 0);
            let team = Team::of(slots, wires, 3, index);
            let mut rounds = 0;
            while !progress.stopped() {
                if index == 0 && !team.send(&mut progress, 1) || !team.receive(&mut progress) {
                    break;
                }
                rounds += 1;
                if index != 0 && !team.send(&mut progress, (index + 1) % 3) {
                    break;
                }
            }
            team.leave();
            rounds
        };
        let rounds: Vec<u64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|index| scope.spawn(move || member(index))).collect();
            std::thread::sleep(Duration::from_millis(50));
            region.head().go.store(go::STOP, Ordering::Release);
            crate::sys::futex::wake_all(&region.head().go);
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(rounds.iter().all(|&rounds| rounds > 0), "{rounds:?}");
        let woken = region.slots().iter().map(|slot| slot.measured(Measure::Wakeups).load(Ordering::Relaxed));
        assert_eq!(woken.collect::<Vec<_>>(), rounds);
    }

    #[test]
    fn a_loop_knows_its_cpus_and_its_seed() {
        let region = region(1);
        let progress = Progress::begin(region.head(), &region.slots()[0], 0);
        let team = Team::of(region.slots(), Wires::default(), 1, 0);
        let mut context = Context { progress, team, seed: 7, page: 4096 };
        assert!(!context.allowed().is_empty());
        assert_eq!(context.seed, 7);
        assert!(context.map(1).is_some());
        region.head().go.store(go::STOP, Ordering::Release);
        assert!(context.map(1).is_none());
    }
}
