//! Which share of the CPU time of all groups one had in its window. A group's CPU time is measured as a
//! whole, so what counts are the groups that worked inside the window and not beyond it; another one makes
//! the share unknown. What stops together is judged once all of it has been collected.

use super::books::{Owner, Sharing, Whose};
use super::run::Run;
use crate::execute::observer::Observer;
use crate::judge::group::judge_share;

impl<'a> Run<'_, 'a> {
    /// All that waits is started now.
    pub(super) fn note_start(&mut self) {
        let (starts, era) = (self.starts, self.era);
        let mut here = self.books.first_sharing();
        while let Some(group) = self.books.group_mut(here) {
            if group.start == starts {
                group.era = era;
            }
            here = self.books.sharing_after(here);
        }
    }

    /// A group that was started and has ended: counts what it had for all whose share is asked for. `had` is
    /// its CPU time in nanoseconds, `None` where a report was lost.
    pub(super) fn count_cpu_time(&mut self, at: u32, had: Option<u64>) {
        let Some(era) = self.books.group(at).map(|group| group.era) else { return };
        let mut here = self.books.first_sharing();
        let starts = self.starts;
        while let Some(group) = self.books.group_mut(here) {
            match had {
                _ if group.start >= starts => {}
                Some(had) if era >= group.era => group.all_ns = group.all_ns.saturating_add(had),
                Some(_) | None => group.sharing = Sharing::Unknown,
            }
            if here == at {
                group.own_ns = had.unwrap_or(0);
            }
            here = self.books.sharing_after(here);
        }
    }

    /// Judges the shares of those that have been collected: all that stop together have been.
    pub(super) fn judge_shares(&mut self, observer: &mut dyn Observer<'a>) {
        let others_work = self.works_on();
        let mut here = self.books.first_sharing();
        while let Some(group) = self.books.group(here).copied() {
            let at = here;
            here = self.books.sharing_after(at);
            if !group.ended {
                continue;
            }
            self.books.forget_group(at);
            let known = !others_work && group.sharing == Sharing::Counted;
            let checks = self.scenario.checks;
            let doubt = self.doubt_of(group.uses_memory);
            judge_share(&checks, group.checks, known.then_some((group.own_ns, group.all_ns)), |judged| {
                let judged = doubt.map_or(judged, |why| judged.skipped(why));
                self.judged(observer, group.placement.path(), None, Some(group.id), judged)
            });
        }
    }

    /// Whether any group that was started works on.
    fn works_on(&self) -> bool {
        [Owner::Step, Owner::Backdrop].into_iter().any(|owner| {
            let mut here = self.books.groups(Whose::Of(owner)).first;
            while let Some(group) = self.books.group(here) {
                if self.has_started(group.start) {
                    return true;
                }
                here = self.books.group_after(here, Whose::Of(owner));
            }
            false
        })
    }
}
