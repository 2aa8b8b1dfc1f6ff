//! Turns what stands in a worker's slot, and how the worker ended, into its report.

use crate::sys::reap::End;
use crate::worker::shared::{Head, Slot, state};
use crate::worker::{Worker, histogram};
use ktstr_core::{WorkerEnd, WorkerReport};
use std::sync::atomic::Ordering;

/// The report on a worker that has ended.
pub(crate) fn of(worker: &Worker, slot: &Slot, head: &Head) -> WorkerReport {
    let started_at = head.started_at.load(Ordering::Acquire);
    let stopped = slot.state.load(Ordering::Acquire) == state::STOPPED;
    let end = end(worker, stopped);
    let ended_at = match (slot.ended_at.load(Ordering::Acquire), end) {
        (0, WorkerEnd::Exited(_) | WorkerEnd::Signalled(_)) => slot.seen_at.load(Ordering::Relaxed),
        (0, _) if started_at != 0 => worker.end.map_or(0, |(_, at)| at),
        (at, _) => at,
    };
    let wake_max_ns = slot.wake_max_ns.load(Ordering::Relaxed);
    WorkerReport {
        pid: worker.pid() as u32,
        iterations: slot.iterations.load(Ordering::Relaxed),
        work_units: slot.work_units.load(Ordering::Relaxed),
        cpu_ns: cpu_ns(worker, slot),
        wall_ns: ended_at.saturating_sub(started_at),
        max_gap_ns: max_gap_ns(slot, head, end, ended_at),
        migrations: slot.migrations.load(Ordering::Relaxed),
        cpus_used: slot.seen_ever(),
        wakeups: slot.wakeups.load(Ordering::Relaxed),
        wake_p50_ns: histogram::percentile(&slot.wake_histogram, 50, wake_max_ns),
        wake_p99_ns: histogram::percentile(&slot.wake_histogram, 99, wake_max_ns),
        wake_max_ns,
        end,
    }
}

fn end(worker: &Worker, stopped: bool) -> WorkerEnd {
    match worker.end {
        _ if worker.killed && !stopped => WorkerEnd::Killed,
        _ if stopped && !worker.early => WorkerEnd::Stopped,
        Some((reaped, _)) => match reaped.end {
            End::Exited(code) => WorkerEnd::Exited(code),
            End::Signalled(signal) => WorkerEnd::Signalled(signal),
        },
        None => WorkerEnd::Killed,
    }
}

/// Its own count, or for one that could not end by itself what the kernel has counted, less the setup.
fn cpu_ns(worker: &Worker, slot: &Slot) -> u64 {
    let own = slot.cpu_ns.load(Ordering::Relaxed);
    let before = slot.cpu_before.load(Ordering::Relaxed);
    match worker.end {
        Some((reaped, _)) if own == 0 && before != 0 => reaped.cpu_ns.saturating_sub(before),
        _ => own,
    }
}

/// For a worker that had to be killed, the time since its last checkpoint counts as well.
fn max_gap_ns(slot: &Slot, head: &Head, end: WorkerEnd, ended_at: u64) -> u64 {
    let measured = slot.max_gap_ns.load(Ordering::Relaxed);
    let last = slot.seen_at.load(Ordering::Relaxed).max(head.started_at.load(Ordering::Relaxed));
    match end {
        WorkerEnd::Killed if last != 0 => measured.max(ended_at.saturating_sub(last)),
        _ => measured,
    }
}
