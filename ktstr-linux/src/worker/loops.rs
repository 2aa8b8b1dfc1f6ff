//! The work types, one function each. They run in a fork until they are told to stop: no allocation, no locks.

use crate::clock::{duration_ns, now};
use crate::sys::{clone, exec, futex, memory, reap, sched};
use crate::worker::progress::{BURST, Progress};
use crate::worker::shared::Slot;
use ktstr_core::WorkType;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

/// What a worker of a pair has in common with the other.
pub(crate) struct Pair<'a> {
    /// The slot of the first of the two.
    pub(crate) shared: &'a Slot,
    /// Whether this is the first.
    pub(crate) first: bool,
    /// Where it reads and where it writes, for pipes.
    pub(crate) pipe: Option<(&'a OwnedFd, &'a OwnedFd)>,
}

/// Set in [`Slot::pair`] when it is time to stop, so that nobody falls asleep on it again.
pub(crate) const PAIR_STOP: u32 = 1 << 31;

/// How long a worker rests that finds no room for memory or a child.
const NO_ROOM_REST: u64 = 1_000_000;

/// Works until it is time to stop. `page` is the size of a page.
pub(crate) fn run(work: WorkType, progress: &mut Progress<'_>, pair: &Pair<'_>, page: usize) {
    match work {
        WorkType::SpinWait => spin_wait(progress),
        WorkType::YieldHeavy => yield_heavy(progress),
        WorkType::Mixed => mixed(progress),
        WorkType::Bursty { burst, sleep } => bursts(progress, duration_ns(burst), duration_ns(sleep)),
        WorkType::IdleChurn { burst, sleep, precise } => {
            if precise {
                sched::set_timer_slack_to_least();
            }
            bursts(progress, duration_ns(burst), duration_ns(sleep));
        }
        WorkType::PipeIo { iters } => pipe_io(progress, pair, iters),
        WorkType::FutexPingPong { iters } => futex_ping_pong(progress, pair, iters),
        WorkType::CachePressure { kib, stride } => cache_pressure(progress, kib, stride),
        WorkType::PageFaultChurn { kib } => page_fault_churn(progress, kib, page),
        WorkType::ForkExit => fork_exit(progress),
    }
}

fn spin_wait(progress: &mut Progress<'_>) {
    while !progress.stopped() {
        progress.burst();
        progress.iterated();
    }
}

fn yield_heavy(progress: &mut Progress<'_>) {
    while !progress.stopped() {
        rustix::thread::sched_yield();
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}

fn mixed(progress: &mut Progress<'_>) {
    while !progress.stopped() {
        progress.burst();
        rustix::thread::sched_yield();
        progress.iterated();
    }
}

/// `Bursty` and `IdleChurn`.
fn bursts(progress: &mut Progress<'_>, burst: u64, sleep: u64) {
    while !progress.stopped() {
        let until = now().saturating_add(burst);
        while now() < until && !progress.stopped() {
            progress.burst();
        }
        progress.iterated();
        progress.sleep(sleep);
    }
}

/// The first writes a byte and waits for it to come back; the second waits and sends it back.
fn pipe_io(progress: &mut Progress<'_>, pair: &Pair<'_>, iters: u32) {
    let Some((from, to)) = pair.pipe else { return };
    let mut rounds: u32 = 0;
    while !progress.stopped() {
        if pair.first && !send(progress, pair, to) {
            return;
        }
        if !receive(progress, pair, from) {
            return;
        }
        if !pair.first && !send(progress, pair, to) {
            return;
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
        rounds = rounds.wrapping_add(1);
        if rounds >= iters {
            rounds = 0;
            progress.burst();
        }
    }
}

/// Writes a byte; false when the other end is gone and it is time to stop.
fn send(progress: &mut Progress<'_>, pair: &Pair<'_>, to: &OwnedFd) -> bool {
    pair.shared.woken_at.store(now(), Ordering::Release);
    if rustix::io::write(to, &[1]) == Ok(1) {
        return true;
    }
    progress.wait_for_stop(None);
    false
}

/// Reads a byte and measures the wake-up; false when the other end is gone and it is time to stop.
fn receive(progress: &mut Progress<'_>, pair: &Pair<'_>, from: &OwnedFd) -> bool {
    let frozen = progress.frozen_ns();
    if rustix::io::read(from, &mut [0u8; 1]) == Ok(1) {
        progress.woken(&pair.shared.woken_at, frozen);
        return true;
    }
    progress.wait_for_stop(None);
    false
}

/// The word counts turns: even ones are the first's, odd ones the second's.
fn futex_ping_pong(progress: &mut Progress<'_>, pair: &Pair<'_>, iters: u32) {
    let word = &pair.shared.pair;
    while !progress.stopped() {
        let turn = word.load(Ordering::Acquire);
        if turn & PAIR_STOP != 0 {
            return;
        }
        if turn.is_multiple_of(2) != pair.first {
            let frozen = progress.frozen_ns();
            futex::wait(word, turn, None);
            if word.load(Ordering::Acquire) & !PAIR_STOP != turn {
                progress.woken(&pair.shared.woken_at, frozen);
            }
            continue;
        }
        progress.spin(u64::from(iters));
        pair.shared.woken_at.store(now(), Ordering::Release);
        let next = turn.wrapping_add(1) & !PAIR_STOP;
        // Fails when the supervisor has said stop.
        let _ = word.compare_exchange(turn, next, Ordering::AcqRel, Ordering::Relaxed);
        futex::wake_all(word);
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}

fn cache_pressure(progress: &mut Progress<'_>, kib: u32, stride: u32) {
    let stride = (stride as usize).max(1);
    let Some(mut pages) = map(progress, (kib as usize).saturating_mul(1024)) else { return };
    while !progress.stopped() {
        let mut touched: u64 = 0;
        for byte in pages.bytes().iter_mut().step_by(stride) {
            *byte = std::hint::black_box(byte.wrapping_add(1));
            touched = touched.wrapping_add(1);
            if touched.is_multiple_of(BURST) {
                progress.worked(BURST);
                progress.checkpoint();
                if progress.stopped() {
                    return;
                }
            }
        }
        progress.worked(touched % BURST);
        progress.iterated();
        progress.checkpoint();
    }
}

fn page_fault_churn(progress: &mut Progress<'_>, kib: u32, page: usize) {
    let bytes = (kib as usize).saturating_mul(1024);
    while !progress.stopped() {
        let Some(mut pages) = map(progress, bytes) else { return };
        let mut touched: u64 = 0;
        for byte in pages.bytes().iter_mut().step_by(page.max(1)) {
            *byte = 1;
            touched = touched.wrapping_add(1);
            if touched.is_multiple_of(256) {
                progress.checkpoint();
                if progress.stopped() {
                    break;
                }
            }
        }
        drop(pages);
        progress.worked(touched);
        progress.iterated();
        progress.checkpoint();
    }
}

/// Memory, as soon as there is room for it; `None` when it is time to stop.
fn map(progress: &mut Progress<'_>, bytes: usize) -> Option<memory::Pages> {
    while !progress.stopped() {
        if let Some(pages) = memory::Pages::map(bytes.max(1)) {
            return Some(pages);
        }
        progress.wait_for_stop(Some(NO_ROOM_REST));
    }
    None
}

fn fork_exit(progress: &mut Progress<'_>) {
    while !progress.stopped() {
        // SAFETY: the child does nothing but exit.
        match unsafe { clone::fork(clone::Place::Here, &mut || exec::exit_now(0)) } {
            Ok(child) => {
                reap::wait_for(&child);
                progress.worked(1);
                progress.iterated();
            }
            Err(_) => progress.wait_for_stop(Some(NO_ROOM_REST)),
        }
        progress.checkpoint();
    }
}
