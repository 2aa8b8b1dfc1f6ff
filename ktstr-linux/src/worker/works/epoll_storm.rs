//! Some write to an eventfd in bursts, others wait for it with epoll, one woken for each event.

use super::Needs;
use crate::clock::now;
use crate::worker::context::{Context, Team};
use crate::worker::progress::Progress;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;

/// How long a producer rests after a burst, in nanoseconds.
const REST: u64 = 100_000;

/// How long a consumer waits at most before it looks whether it is time to stop.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

pub(super) const NEEDS: Needs = Needs { event: true, ..Needs::NOTHING };

pub(super) fn run(producers: u32, _consumers: u32, events_per_burst: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let Some(event) = team.event() else { return };
    if team.index() < producers as usize {
        produce(event, events_per_burst, progress, team);
    } else {
        consume(event, progress, team);
    }
    // Whoever still waits looks whether it is time to stop.
    let _ = rustix::io::write(event, &1u64.to_ne_bytes());
}

fn produce(event: BorrowedFd<'_>, events_per_burst: u32, progress: &mut Progress<'_>, team: &Team<'_>) {
    while !progress.stopped() {
        for _ in 0..events_per_burst {
            if progress.stopped() {
                return;
            }
            if let Some(shared) = team.slot(0) {
                shared.woken_at.store(now(), Ordering::Release);
            }
            // Fails when it is full, which takes longer than there is time.
            let _ = rustix::io::write(event, &1u64.to_ne_bytes());
            progress.worked(1);
        }
        progress.iterated();
        progress.sleep(REST);
    }
}

fn consume(event: BorrowedFd<'_>, progress: &mut Progress<'_>, team: &Team<'_>) {
    let Ok(set) = epoll::create(CreateFlags::CLOEXEC) else { return };
    let wanted = EventFlags::IN | EventFlags::EXCLUSIVE;
    if epoll::add(&set, event, EventData::new_u64(0), wanted).is_err() {
        return;
    }
    while !progress.stopped() {
        let (from, frozen) = (now(), progress.frozen_ns());
        let mut ready = [Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }];
        let found = epoll::wait(&set, &mut ready[..], Some(&PATIENCE)).unwrap_or(0);
        let mut count = [0u8; 8];
        // Another may have taken it.
        if found == 0 || rustix::io::read(event, &mut count) != Ok(8) {
            progress.waited(now().saturating_sub(from));
            continue;
        }
        if let Some(shared) = team.slot(0) {
            progress.woken_after(from, &shared.woken_at, frozen);
        }
        progress.burst();
        progress.worked(u64::from_ne_bytes(count));
        progress.iterated();
    }
}
