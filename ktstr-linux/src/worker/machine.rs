//! What a worker looks up of the machine, in files of sysfs. It runs in a fork: no allocation.

use ktstr_core::CpuSet;
use rustix::fs::{Mode, OFlags, open};
use std::ffi::CStr;
use std::io::{Cursor, Write};

/// The CPUs that share a core with this one, itself among them; none where the machine does not say.
pub(crate) fn siblings(cpu: usize) -> CpuSet {
    list(format_args!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list\0"))
}

/// The CPUs of a node; none where there is no such node.
pub(crate) fn cpus_of_node(node: usize) -> CpuSet {
    list(format_args!("/sys/devices/system/node/node{node}/cpulist\0"))
}

fn list(path: std::fmt::Arguments<'_>) -> CpuSet {
    let mut text = [0u8; 1024];
    read(path, &mut text).and_then(|text| CpuSet::parse(text.trim()).ok()).unwrap_or(CpuSet::EMPTY)
}

/// The content of a small file, whose path ends with a zero.
fn read<'t>(path: std::fmt::Arguments<'_>, text: &'t mut [u8]) -> Option<&'t str> {
    let mut name = [0u8; 128];
    Cursor::new(&mut name[..]).write_fmt(path).ok()?;
    let file = open(CStr::from_bytes_until_nul(&name).ok()?, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .ok()?;
    let length = rustix::io::read(&file, &mut *text).ok()?;
    std::str::from_utf8(text.get(..length)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_is_among_its_siblings_and_in_one_node() {
        let online =
            std::fs::read_to_string("/sys/devices/system/cpu/online").expect("the CPUs that are online");
        for cpu in CpuSet::parse(online.trim()).expect("a list").iter() {
            let siblings = siblings(cpu);
            assert!(siblings.is_empty() || siblings.contains(cpu), "{cpu}: {siblings}");
            let nodes = (0..64).filter(|&node| cpus_of_node(node).contains(cpu)).count();
            assert!(nodes <= 1, "{cpu} is in {nodes} nodes");
        }
        assert!(cpus_of_node(100_000).is_empty());
    }
}
