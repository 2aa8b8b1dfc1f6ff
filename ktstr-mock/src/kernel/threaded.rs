//! Domains and threaded cgroups: what a cgroup's type is, and when it can become threaded.
//! `control` and `placement` ask here whether a cgroup can hold controllers or tasks.

use super::MockKernel;
use super::cgroup::{CgroupId, THREADED};
use super::parse;
use crate::errno::Errno;

impl MockKernel {
    /// Whether its tasks belong to the domain of an ancestor.
    pub(crate) fn is_threaded(&self, id: CgroupId) -> bool {
        self.cg(id).domain != id
    }

    /// Whether it is the root of a threaded subtree: it has threaded children, or tasks beside children with
    /// threaded controllers.
    pub(crate) fn is_thread_root(&self, id: CgroupId) -> bool {
        let cgroup = self.cg(id);
        let competes = cgroup.has_tasks()
            && !cgroup.subtree_control.minus(cgroup.subtree_control.minus(THREADED)).is_empty();
        !self.is_threaded(id) && (cgroup.threaded_children > 0 || competes)
    }

    /// Whether it could be the root of a threaded subtree.
    pub(crate) fn can_be_thread_root(&self, id: CgroupId) -> bool {
        let cgroup = self.cg(id);
        if id == CgroupId::ROOT {
            return true;
        }
        !self.is_threaded(id)
            && cgroup.populated_domain_children == 0
            && cgroup.subtree_control.minus(THREADED).is_empty()
    }

    /// Whether it is a domain that works: not threaded, and not below a threaded subtree.
    pub(crate) fn is_valid_domain(&self, id: CgroupId) -> bool {
        if self.is_threaded(id) {
            return false;
        }
        let mut at = self.cg(id).parent;
        while let Some(above) = at {
            if above != CgroupId::ROOT && self.is_thread_root(above) || self.is_threaded(above) {
                return false;
            }
            at = self.cg(above).parent;
        }
        true
    }

    pub(crate) fn type_name(&self, id: CgroupId) -> &'static str {
        if self.is_threaded(id) {
            "threaded"
        } else if !self.is_valid_domain(id) {
            "domain invalid"
        } else if self.is_thread_root(id) {
            "domain threaded"
        } else {
            "domain"
        }
    }

    /// A write to `cgroup.type`.
    pub(crate) fn write_type(&mut self, id: CgroupId, text: &str) -> Result<(), Errno> {
        if parse::strip(text) != "threaded" {
            return Err(Errno::EINVAL);
        }
        let Some(parent) = self.cg(id).parent else { return Err(Errno::ENOENT) };
        if self.is_threaded(id) {
            return Ok(());
        }
        let cgroup = self.cg(id);
        if cgroup.is_populated() || !cgroup.subtree_control.minus(THREADED).is_empty() {
            return Err(Errno::EOPNOTSUPP);
        }
        let domain = self.cg(parent).domain;
        if !self.is_valid_domain(domain) || !self.can_be_thread_root(domain) {
            return Err(Errno::EOPNOTSUPP);
        }
        let mut at = Some(id);
        while let Some(below) = at {
            let before = self.controllers_of(below);
            if below == id || self.is_threaded(below) {
                self.cg_mut(below).domain = domain;
            }
            self.controllers_changed(below, before);
            at = self.next_below(id, below);
        }
        self.cg_mut(parent).threaded_children += 1;
        self.touch();
        Ok(())
    }
}
