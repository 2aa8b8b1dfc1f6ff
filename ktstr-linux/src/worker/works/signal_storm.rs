//! Two send signals to each other, which both handle, and spin between.

use super::Needs;
use crate::sys::signals;
use crate::worker::context::Context;
use rustix::process::{PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(signals_per_iter: u32, work_iters: u32, context: &mut Context<'_>) {
    signals::take_user_signals();
    let (progress, team) = (&mut context.progress, &context.team);
    // A number may be another's by the time that a signal is sent to it; a handle is not.
    let partner = team
        .others()
        .find_map(|pid| pidfd_open(rustix::process::Pid::from_raw(pid)?, PidfdFlags::empty()).ok());
    let Some(partner) = partner else {
        progress.sleep_to_the_end();
        return;
    };
    // Without a handler a signal would kill: both have theirs once both have come here.
    if !team.meet(progress) {
        return;
    }
    while !progress.stopped() {
        progress.spin(u64::from(work_iters));
        for _ in 0..signals_per_iter {
            if progress.stopped() {
                break;
            }
            if pidfd_send_signal(&partner, Signal::USR1).is_err() {
                // It has ended before its time.
                progress.sleep_to_the_end();
                return;
            }
            progress.worked(1);
        }
        progress.iterated();
        progress.checkpoint();
    }
}
