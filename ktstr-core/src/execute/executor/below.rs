//! What is in a cgroup and in all below it.

use super::books::{Books, Whose};
use super::chain::NONE;

impl Books<'_, '_> {
    /// The next cgroup at or below `top`, in an order in which each is after the one above it; `NONE` after
    /// the last.
    pub(crate) fn next_below(&self, top: u32, here: u32) -> u32 {
        let below = self.cgroup(here).map_or(NONE, |cgroup| cgroup.first_child);
        if below != NONE {
            return below;
        }
        let mut here = here;
        while here != top && here != NONE {
            let sibling = self.sibling_after(here);
            if sibling != NONE {
                return sibling;
            }
            here = self.cgroup(here).map_or(NONE, |cgroup| cgroup.parent);
        }
        NONE
    }

    /// Notes that the workers in a cgroup were killed on purpose.
    pub(crate) fn note_killed(&mut self, cgroup: u32) {
        let mut here = self.groups(Whose::In(cgroup)).first;
        while let Some(group) = self.group_mut(here) {
            group.killed = true;
            here = self.group_after(here, Whose::In(cgroup));
        }
    }
}
