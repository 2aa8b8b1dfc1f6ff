//! A server that waits for requests of its clients with epoll, works on each and answers; a client thinks,
//! asks, and waits for the answer.

use super::Needs;
use crate::clock::now;
use crate::worker::context::{Context, Team};
use crate::worker::progress::Progress;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use std::sync::atomic::Ordering;

/// How long the server waits at most before it looks whether it is time to stop.
const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };

pub(super) const NEEDS: Needs = Needs { inboxes: true, ..Needs::NOTHING };

pub(super) fn run(_clients: u32, think_us: u32, serve_iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    if team.index() == 0 {
        serve(serve_iters, progress, team);
        return;
    }
    while !progress.stopped() {
        if think_us > 0 {
            progress.sleep(u64::from(think_us) * 1_000);
        }
        // The request is who asks.
        if !team.send_byte(progress, 0, team.index() as u8) || !team.receive(progress) {
            return;
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}

fn serve(iters: u32, progress: &mut Progress<'_>, team: &Team<'_>) {
    let (Some(inbox), Some(slot), Ok(set)) =
        (team.inbox(), team.slot(0), epoll::create(CreateFlags::CLOEXEC))
    else {
        return;
    };
    if epoll::add(&set, inbox, EventData::new_u64(0), EventFlags::IN).is_err() {
        return;
    }
    while !progress.stopped() {
        let (from, frozen) = (now(), progress.frozen_ns());
        let mut ready = [Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }];
        if epoll::wait(&set, &mut ready[..], Some(&PATIENCE)).unwrap_or(0) == 0 {
            progress.waited(now().saturating_sub(from));
            continue;
        }
        let mut requests = [0u8; 64];
        let count = rustix::io::read(inbox, &mut requests).unwrap_or(0);
        if count == 0 {
            // All clients have ended.
            progress.sleep_to_the_end();
            return;
        }
        progress.woken_after(from.min(slot.woken_at.load(Ordering::Acquire)), &slot.woken_at, frozen);
        for &client in requests.iter().take(count).filter(|client| **client != 0) {
            progress.spin(u64::from(iters));
            if progress.stopped() || !team.send(progress, usize::from(client)) {
                return;
            }
            progress.worked(1);
            progress.iterated();
        }
        progress.checkpoint();
    }
}
