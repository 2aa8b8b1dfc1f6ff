//! What has happened without having been asked for: payloads that have ended, workers that were killed,
//! processes that were killed for want of memory, a scheduler that has left. Whoever waits learns of it.

use super::MockBackend;
use super::groups::State;
use core::time::Duration;
use ktstr_core::{Channel, ExitStatus, Notice};

impl MockBackend {
    /// Sends what has happened since the last time, each once.
    pub(super) fn give_notices(&mut self, channel: &mut dyn Channel) {
        self.notice_scheduler(channel);
        if self.noticed == Some(self.kernel.changes()) {
            return;
        }
        self.noticed = Some(self.kernel.changes());
        let kernel = &self.kernel;
        let at = |pid| Duration::from_nanos(kernel.ended_at(pid));
        for running in self.payloads.iter_mut().filter(|running| running.end.is_none() && !running.noticed) {
            if let Some(status) = kernel.held_status(running.pid) {
                running.noticed = true;
                channel.notice(at(running.pid), &Notice::PayloadEnded { id: running.id, status });
            }
        }
        for group in self.groups.iter_mut().filter(|group| group.state != State::Stopped) {
            for (number, worker) in group.workers.iter_mut().enumerate() {
                if worker.end.is_some() || worker.noticed {
                    continue;
                }
                if let Some(ExitStatus::Signalled(signal)) = kernel.held_status(worker.pid) {
                    worker.noticed = true;
                    let (group, pid) = (group.id, worker.pid);
                    let notice = Notice::WorkerKilled { group, worker: number as u32, pid, signal };
                    channel.notice(at(pid), &notice);
                }
            }
        }
        let now = Duration::from_nanos(self.kernel.now);
        let fresh = self.run.map(|run| self.kernel.fresh_oom_kills(run)).unwrap_or_default();
        for (cgroup, count) in fresh {
            channel.notice(now, &Notice::OomKilled { cgroup: &cgroup, count });
        }
    }
}
