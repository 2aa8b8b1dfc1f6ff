//! Turns the content of a worker's slot, and how the worker ended, into its report.

use crate::sys::reap::End;
use crate::worker::shared::{Head, Slot, state};
use crate::worker::{Worker, histogram};
use ktstr_core::{Measure, WorkerEnd, WorkerReport};
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
    let mut report = WorkerReport {
        pid: worker.pid() as u32,
        cpus_used: slot.seen_ever(),
        end,
        ..WorkerReport::default()
    };
    for measure in Measure::ALL {
        report.set(measure, slot.measured(measure).load(Ordering::Relaxed));
    }
    work_out(&mut report, worker, slot, head, ended_at);
    report
}

/// What the worker does not write itself, or could not because it did not end by itself.
fn work_out(report: &mut WorkerReport, worker: &Worker, slot: &Slot, head: &Head, ended_at: u64) {
    let started_at = head.started_at.load(Ordering::Acquire);
    report.wall_ns = ended_at.saturating_sub(started_at);
    report.cpu_ns = cpu_ns(report.cpu_ns, worker, slot);
    report.wake_p50_ns = histogram::percentile(&slot.wake_histogram, 50, report.wake_max_ns);
    report.wake_p99_ns = histogram::percentile(&slot.wake_histogram, 99, report.wake_max_ns);
    // For a worker that had to be killed, the time since its last checkpoint counts as well.
    let last = slot.seen_at.load(Ordering::Relaxed).max(started_at);
    let open_gap = ended_at.saturating_sub(last);
    if report.end == WorkerEnd::Killed && last != 0 && open_gap > report.max_gap_ns {
        report.max_gap_ns = open_gap;
        report.gap_end_ns = report.wall_ns;
        report.gap_cpu = u64::from(slot.cpu.load(Ordering::Relaxed));
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
fn cpu_ns(own: u64, worker: &Worker, slot: &Slot) -> u64 {
    let before = slot.cpu_before.load(Ordering::Relaxed);
    match worker.end {
        Some((reaped, _)) if own == 0 && before != 0 => reaped.cpu_ns.saturating_sub(before),
        _ => own,
    }
}
