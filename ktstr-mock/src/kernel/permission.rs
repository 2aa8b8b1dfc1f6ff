//! Delegation: what a user other than root may do in a hierarchy.
//!
//! A delegated cgroup is one whose directory, `cgroup.procs`, `cgroup.threads` and `cgroup.subtree_control`
//! belong to a user. What the user makes below belongs to the user wholly.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::files::File;
use super::tasks::Pid;
use crate::errno::Errno;

/// The user who may do everything.
const ROOT: u32 = 0;

impl MockKernel {
    /// Gives a cgroup to a user, as `chown` of the directory and of the three files does.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn delegate(&mut self, path: &str, user: u32) -> Result<(), Errno> {
        let id = self.find(path)?;
        self.cg_mut(id).delegate = user;
        Ok(())
    }

    /// Says as which user everything is done from now on; 0, who may do everything, to begin with.
    pub fn set_user(&mut self, user: u32) {
        self.user = user;
    }

    /// Whether cgroups can be made and removed in one.
    pub(crate) fn may_change(&self, id: CgroupId) -> Result<(), Errno> {
        self.allow(self.cg(id).delegate)
    }

    /// Whether a file can be written.
    pub(crate) fn may_write(&self, id: CgroupId, file: File) -> Result<(), Errno> {
        match file {
            File::Procs | File::Threads | File::SubtreeControl => self.allow(self.cg(id).delegate),
            _ => self.allow(self.cg(id).owner),
        }
    }

    /// Whether a task can be moved to a cgroup: `cgroup.procs` has to be open to the user there and in the
    /// cgroup where the ways to both places part.
    pub(crate) fn may_move(&self, pid: Pid, to: CgroupId) -> Result<(), Errno> {
        if self.user == ROOT {
            return Ok(());
        }
        self.allow(self.cg(to).delegate)?;
        let mut above = self.cgroup_of(pid).unwrap_or(to);
        while let (false, Some(parent)) = (self.is_below(to, above), self.cg(above).parent) {
            above = parent;
        }
        self.allow(self.cg(above).delegate)
    }

    pub(crate) fn user(&self) -> u32 {
        self.user
    }

    pub(crate) fn is_root(&self) -> bool {
        self.user == ROOT
    }

    fn allow(&self, owner: u32) -> Result<(), Errno> {
        if self.user == ROOT || self.user == owner { Ok(()) } else { Err(Errno::EACCES) }
    }
}
