//! Finds cgroup v2 on this machine: its mount, by mountinfo and not by its usual place, and the cgroup of
//! this process.

use ktstr_core::{Controller, Controllers};
use std::path::{Path, PathBuf};

/// A mount of cgroup v2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where it is mounted.
    pub point: PathBuf,
    /// Which directory of the hierarchy is mounted there, `/` for all of it.
    pub root: String,
    /// Whether it may be written to.
    pub writable: bool,
}

/// The mount of cgroup v2 that shows most of the hierarchy, the first where several do; `None` when it is not
/// mounted.
pub fn find() -> Option<Mount> {
    find_in(&std::fs::read_to_string("/proc/self/mountinfo").ok()?)
}

/// The same, of a text in the format of `/proc/self/mountinfo`.
pub fn find_in(mountinfo: &str) -> Option<Mount> {
    let mounts = mountinfo.lines().filter_map(parse);
    mounts.min_by_key(|mount| (!mount.writable, mount.root.len()))
}

/// `id parent major:minor root point options [tags] - type source super-options`
fn parse(line: &str) -> Option<Mount> {
    let (before, after) = line.split_once(" - ")?;
    if after.split(' ').next()? != "cgroup2" {
        return None;
    }
    let mut fields = before.split(' ').skip(3);
    let (root, point, options) = (fields.next()?, fields.next()?, fields.next()?);
    let super_options = after.split(' ').nth(2).unwrap_or("");
    let read_only = |options: &str| options.split(',').any(|option| option == "ro");
    Some(Mount {
        point: PathBuf::from(unescape(point)),
        root: unescape(root),
        writable: !read_only(options) && !read_only(super_options),
    })
}

/// Spaces, tabs, newlines and backslashes stand as three octal digits.
fn unescape(text: &str) -> String {
    let mut plain = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) if *first == b'\\' => {
                plain.push(byte);
                rest = after.get(3..).unwrap_or(&[]);
            }
            _ => plain.push(*first),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The cgroup of this process below the mount, without a slash at its start; empty for the mount's own
/// directory, `None` when it lies outside what is mounted.
pub fn own_cgroup(mount: &Mount) -> Option<String> {
    own_cgroup_in(&std::fs::read_to_string("/proc/self/cgroup").ok()?, mount)
}

fn own_cgroup_in(text: &str, mount: &Mount) -> Option<String> {
    let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    let below = Path::new(path).strip_prefix(&mount.root).ok()?.to_str()?;
    let escapes = below.split('/').any(|part| part == "..");
    (!escapes).then(|| below.to_owned())
}

/// The controllers named in a `cgroup.controllers` or `cgroup.subtree_control`.
pub(crate) fn controllers_in(text: &str) -> Controllers {
    text.split_whitespace().filter_map(Controller::from_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_writable_mount_is_taken() {
        let hybrid = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n\
            32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw,nsdelegate\n";
        let unified = "25 23 0:22 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup2 rw\n\
            90 23 0:22 /a\\040b /mnt/c\\134d rw - cgroup2 none rw\n";
        for (text, point, root, writable) in
            [(hybrid, "/sys/fs/cgroup/unified", "/", true), (unified, "/mnt/c\\d", "/a b", true)]
        {
            let mount = find_in(text).expect("a mount");
            assert_eq!((mount.point.to_str(), mount.root.as_str()), (Some(point), root));
            assert_eq!(mount.writable, writable);
        }
        for text in ["", "garbage", "1 2 3 - cgroup2", "31 23 0:28 / /sys rw - tmpfs tmpfs rw"] {
            assert_eq!(find_in(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_own_cgroup_is_seen_from_the_mount() {
        let mount = |root: &str| Mount { point: "/m".into(), root: root.into(), writable: true };
        for (text, root, path) in [
            ("9:name=systemd:/x\n0::/a/b\n", "/", Some("a/b")),
            ("0::/\n", "/", Some("")),
            ("0::/a/b\n", "/a", Some("b")),
            ("0::/a/b\n", "/c", None),
            ("0::/../x\n", "/", None),
            ("3:cpuset:/\n", "/", None),
        ] {
            assert_eq!(own_cgroup_in(text, &mount(root)).as_deref(), path, "{text:?} below {root}");
        }
    }
}
