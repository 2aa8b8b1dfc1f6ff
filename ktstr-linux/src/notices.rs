//! What has happened without having been asked for, as far as the kernel lets us know: payloads that have
//! ended, workers that were killed, processes that were killed for want of memory. Looked at after actions in
//! which time passes.

use crate::backend::{LinuxBackend, Workers};
use crate::clock::now;
use crate::sys::reap::End;
use ktstr_core::{Channel, ExitStatus, GroupId, Notice, PayloadId};
use std::time::Duration;

impl LinuxBackend {
    /// Sends what has happened since the last time, each once. The time of a payload's end is known, the
    /// others happened some time before.
    pub(crate) fn give_notices(&mut self, channel: &mut dyn Channel) {
        self.notice_scheduler(channel);
        let began_at = self.began_at;
        let since = |at: u64| Duration::from_nanos(at.saturating_sub(began_at));
        let seen = since(now());
        for (id, end, at) in self.payloads.fresh_ends() {
            let status = match end {
                End::Exited(code) => ExitStatus::Exited(code),
                End::Signalled(signal) => ExitStatus::Signalled(signal),
            };
            channel.notice(since(at), &Notice::PayloadEnded { id: PayloadId(id), status });
        }
        for (&id, workers) in &mut self.groups {
            let Workers::Live(group) = workers else { continue };
            for (worker, pid, signal) in group.freshly_killed() {
                let group = GroupId(id);
                channel.notice(seen, &Notice::WorkerKilled { group, worker, pid, signal });
            }
        }
        let Some(run) = &mut self.run else { return };
        for (cgroup, count) in run.fresh_oom_kills() {
            channel.notice(seen, &Notice::OomKilled { cgroup: &cgroup, count });
        }
    }
}
