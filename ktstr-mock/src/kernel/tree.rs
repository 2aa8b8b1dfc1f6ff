//! The tree of cgroups: finding one by its path, making and removing directories, and their bounds.

use super::MockKernel;
use super::cgroup::{Cgroup, CgroupId};
use super::files;
use crate::errno::Errno;
use core::cmp::Ordering;

/// The longest name of a file or directory, in bytes.
const NAME_MAX: usize = 255;

impl MockKernel {
    pub(crate) fn cg(&self, id: CgroupId) -> &Cgroup {
        &self.cgroups[id.index()]
    }

    pub(crate) fn cg_mut(&mut self, id: CgroupId) -> &mut Cgroup {
        &mut self.cgroups[id.index()]
    }

    fn child(&self, parent: CgroupId, name: &str) -> Result<CgroupId, usize> {
        let children = &self.cg(parent).children;
        children.binary_search_by(|&child| self.cg(child).name.as_str().cmp(name)).map(|at| children[at])
    }

    /// The cgroup with this path; empty or `/` for the root.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR` or `ENAMETOOLONG`, as a lookup in the file system gives them.
    pub fn find(&self, path: &str) -> Result<CgroupId, Errno> {
        self.find_from(CgroupId::ROOT, path)
    }

    /// The cgroup with this path below another.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub(crate) fn find_from(&self, start: CgroupId, path: &str) -> Result<CgroupId, Errno> {
        let mut at = start;
        for name in path.split('/') {
            at = match name {
                "" | "." => at,
                ".." => self.cg(at).parent.unwrap_or(at),
                _ => self.child(at, name).map_err(|_| self.missing(at, name))?,
            };
        }
        Ok(at)
    }

    fn missing(&self, parent: CgroupId, name: &str) -> Errno {
        if name.len() > NAME_MAX {
            Errno::ENAMETOOLONG
        } else if self.has_file(parent, name) {
            Errno::ENOTDIR
        } else {
            Errno::ENOENT
        }
    }

    pub(crate) fn has_file(&self, id: CgroupId, name: &str) -> bool {
        files::by_name(name).is_some_and(|file| self.shows(id, file))
    }

    /// Makes a cgroup.
    ///
    /// # Errors
    /// `EEXIST`, `ENOENT` for a missing parent, `EAGAIN` past `cgroup.max.depth` or `cgroup.max.descendants`,
    /// `EINVAL` for a newline in the name, `EACCES` where the user may not.
    pub fn mkdir(&mut self, path: &str) -> Result<CgroupId, Errno> {
        self.mkdir_from(CgroupId::ROOT, path)
    }

    pub(crate) fn mkdir_from(&mut self, start: CgroupId, path: &str) -> Result<CgroupId, Errno> {
        let path = path.trim_end_matches('/');
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.find_from(start, above)?;
        if matches!(name, "" | "." | "..") || self.has_file(parent, name) {
            return Err(Errno::EEXIST);
        }
        let Err(place) = self.child(parent, name) else { return Err(Errno::EEXIST) };
        if name.len() > NAME_MAX {
            return Err(Errno::ENAMETOOLONG);
        }
        if name.contains('\0') {
            return Err(Errno::ENOENT);
        }
        if name.contains('\n') {
            return Err(Errno::EINVAL);
        }
        self.may_change(parent)?;
        self.check_bounds(parent)?;
        let id = self.take_place(name, parent);
        self.cg_mut(parent).children.insert(place, id);
        let (frozen_by, user) = (self.cg(parent).frozen_by, self.user());
        let cgroup = self.cg_mut(id);
        (cgroup.frozen_by, cgroup.owner, cgroup.delegate) = (frozen_by, user, user);
        self.cpuset_online(id);
        self.each_ancestor(parent, |cgroup| cgroup.descendants += 1);
        Ok(id)
    }

    fn check_bounds(&self, parent: CgroupId) -> Result<(), Errno> {
        let mut level = 1;
        let mut at = Some(parent);
        while let Some(id) = at {
            let cgroup = self.cg(id);
            if cgroup.descendants >= cgroup.max_descendants || level > cgroup.max_depth {
                return Err(Errno::EAGAIN);
            }
            level += 1;
            at = cgroup.parent;
        }
        Ok(())
    }

    fn take_place(&mut self, name: &str, parent: CgroupId) -> CgroupId {
        match self.free_cgroups.pop() {
            Some(id) => {
                self.cg_mut(id).renew(name, parent, id);
                id
            }
            None => {
                let id = CgroupId(self.cgroups.len() as u32);
                self.cgroups.push(Cgroup::new(name, Some(parent), id));
                id
            }
        }
    }

    /// Removes a cgroup without tasks and children.
    ///
    /// # Errors
    /// `EBUSY` while it holds live tasks or children, `ENOENT`, `ENOTDIR`.
    pub fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        let id = self.find(path)?;
        self.rmdir_id(id)
    }

    pub(crate) fn rmdir_id(&mut self, id: CgroupId) -> Result<(), Errno> {
        let Some(parent) = self.cg(id).parent else { return Err(Errno::EBUSY) };
        self.may_change(parent)?;
        if self.cg(id).is_populated() || !self.cg(id).children.is_empty() {
            return Err(Errno::EBUSY);
        }
        self.cpuset_offline(id);
        if self.cg(id).charged > 0 {
            self.hand_zombies_up(id, parent);
        }
        self.hand_memory_up(id, parent);
        if self.is_threaded(id) {
            self.cg_mut(parent).threaded_children -= 1;
        }
        if let Ok(place) = self.place_of(parent, id) {
            self.cg_mut(parent).children.remove(place);
        }
        self.each_ancestor(parent, |cgroup| cgroup.descendants -= 1);
        self.cg_mut(id).live = false;
        self.free_cgroups.push(id);
        self.touch();
        Ok(())
    }

    /// Kills everything in a cgroup and below it and removes it all. Gives how many cgroups that were.
    pub(crate) fn remove_tree(&mut self, top: CgroupId) -> u32 {
        if top == CgroupId::ROOT {
            return 0;
        }
        self.kill_all(top, true);
        let mut removed = 0;
        let mut at = top;
        loop {
            if let Some(&child) = self.cg(at).children.last() {
                at = child;
                continue;
            }
            let parent = self.cg(at).parent;
            if self.rmdir_id(at).is_err() {
                return removed;
            }
            removed += 1;
            match parent {
                Some(parent) if at != top => at = parent,
                _ => return removed,
            }
        }
    }

    fn place_of(&self, parent: CgroupId, id: CgroupId) -> Result<usize, usize> {
        let name = self.cg(id).name.as_str();
        self.cg(parent).children.binary_search_by(|&child| match child == id {
            true => Ordering::Equal,
            false => self.cg(child).name.as_str().cmp(name),
        })
    }

    /// Calls `change` for a cgroup and each of its ancestors, from the bottom up.
    pub(crate) fn each_ancestor(&mut self, from: CgroupId, mut change: impl FnMut(&mut Cgroup)) {
        let mut at = Some(from);
        while let Some(id) = at {
            let cgroup = self.cg_mut(id);
            change(cgroup);
            at = cgroup.parent;
        }
    }

    /// The cgroup after `at` in a walk over `top` and all below it, parents first, children by name.
    pub(crate) fn next_below(&self, top: CgroupId, at: CgroupId) -> Option<CgroupId> {
        match self.cg(at).children.first() {
            Some(&child) => Some(child),
            None => self.next_beside(top, at),
        }
    }

    /// As [`next_below`](Self::next_below), but leaves out what is below `at`.
    pub(crate) fn next_beside(&self, top: CgroupId, mut at: CgroupId) -> Option<CgroupId> {
        while at != top {
            let parent = self.cg(at).parent?;
            let place = self.place_of(parent, at).ok()?;
            if let Some(&next) = self.cg(parent).children.get(place + 1) {
                return Some(next);
            }
            at = parent;
        }
        None
    }

    /// Its path from the root, without a slash in front; empty for the root.
    pub fn path_of(&self, id: CgroupId) -> String {
        let mut names = Vec::new();
        let mut at = id;
        while let Some(parent) = self.cg(at).parent {
            names.push(self.cg(at).name.as_str());
            at = parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The names of a cgroup's children, sorted.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn children(&self, path: &str) -> Result<Vec<&str>, Errno> {
        let id = self.find(path)?;
        Ok(self.cg(id).children.iter().map(|&child| self.cg(child).name.as_str()).collect())
    }
}
