//! What is expected of files: whether the file can be there, and whether the expectation can hold and fail.

use super::walk::Walk;
use crate::model::file_check::FileCheck;
use crate::validate::rules::ErrorKind;

/// Where files may be that no cgroup has.
const ROOTS: [&str; 2] = ["/proc/", "/sys/"];

impl<'a> Walk<'_, '_, 'a> {
    pub(super) const fn expect(&mut self, check: &FileCheck<'a>, cgroup: Option<&'a str>, known: u32) {
        let at = match cgroup {
            Some(name) => self.live(name, known),
            None => None,
        };
        if cgroup.is_some() == check.is_path() || !is_well_formed(check.file) {
            self.report(ErrorKind::ExpectFile, check.file);
            return;
        }
        if !check.says_something() || !check.can_hold() {
            self.report(ErrorKind::ExpectNothing, check.file);
        }
        self.needs.notes |= check.change.is_some();
        if let Some(at) = at {
            self.enable(at, check.controllers());
        }
    }
}

/// Whether it is the name of a file in a cgroup.
pub(super) const fn is_plain_name(file: &str) -> bool {
    !FileCheck::file(file).is_path() && is_well_formed(file)
}

/// Whether it is a plain name, or a path below one of the roots that does not lead up.
const fn is_well_formed(file: &str) -> bool {
    let bytes = file.as_bytes();
    let (mut start, mut parts, mut i) = (0, 0, 0);
    while i <= bytes.len() {
        if i == bytes.len() || bytes[i] == b'/' {
            let part = bytes.split_at(i).0.split_at(start).1;
            let is_root = parts == 0 && i < bytes.len();
            if matches!(part, b"." | b"..") || part.is_empty() != is_root {
                return false;
            }
            (start, parts) = (i + 1, parts + 1);
        } else if bytes[i] == 0 {
            return false;
        }
        i += 1;
    }
    parts == 1 || below_a_root(bytes)
}

const fn below_a_root(path: &[u8]) -> bool {
    let mut i = 0;
    while i < ROOTS.len() {
        let root = ROOTS[i].as_bytes();
        if path.len() > root.len() && crate::base::name::equal_bytes(path.split_at(root.len()).0, root) {
            return true;
        }
        i += 1;
    }
    false
}
