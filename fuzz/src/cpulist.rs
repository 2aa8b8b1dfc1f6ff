//! CPU lists: the core's reader against one that is written another way, and against the modelled kernel's.

use ktstr_core::{CpuSet, MAX_CPUS, Topology};
use ktstr_mock::kernel::MockKernel;
use std::cell::RefCell;
use std::collections::BTreeSet;

const TOPOLOGY: Topology = Topology::uniform(1, 1, 64, 1);

thread_local! {
    static KERNEL: RefCell<MockKernel> = RefCell::new(kernel());
}

/// The target.
pub fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let read = CpuSet::parse(text);
    let expected = reference(text);
    match (&read, &expected) {
        (Ok(set), Some(numbers)) => {
            assert!(set.iter().eq(numbers.iter().copied()), "{text:?} reads as {set}")
        }
        (Err(_), None) => return,
        _ => panic!("{text:?}: {read:?} against {expected:?}"),
    }
    let Ok(set) = read else { return };
    let written = set.to_text();
    assert!(!written.is_cut(), "{text:?} is written with a cut");
    assert_eq!(CpuSet::parse(written.as_str()), Ok(set), "{text:?} is written as {written}");
    // A write of no bytes never reaches a control file, and for the kernel a list ends where its line ends.
    let line = text.trim_end_matches([' ', '\t', '\n']);
    if set.is_subset(TOPOLOGY.cpus()) && !text.is_empty() && !line.contains('\n') {
        KERNEL.with_borrow_mut(|kernel| through_the_kernel(kernel, text, written.as_str()));
    }
}

/// What we read, the kernel reads too, and shows in the very form in which we write it.
fn through_the_kernel(kernel: &mut MockKernel, text: &str, written: &str) {
    let taken = kernel.write("c", "cpuset.cpus", text);
    let long = text.len() > 4096;
    assert_eq!(taken.is_ok(), !long, "the kernel says {taken:?} to {text:?}");
    if !long {
        let shown = kernel.read("c", "cpuset.cpus").expect("the file is there");
        assert_eq!(shown.trim_end(), written, "{text:?}");
    }
}

fn kernel() -> MockKernel {
    let mut kernel = MockKernel::new(&TOPOLOGY);
    kernel.write("", "cgroup.subtree_control", "+cpuset").expect("the root gives its controllers");
    kernel.mkdir("c").expect("an empty hierarchy");
    kernel
}

/// The list by its grammar: items between commas, each a number or two with a dash, blanks around items only.
fn reference(text: &str) -> Option<BTreeSet<usize>> {
    let blank = [' ', '\t', '\n'];
    let mut numbers = BTreeSet::new();
    if text.trim_matches(blank).is_empty() {
        return Some(numbers);
    }
    for item in text.split(',') {
        let item = item.trim_matches(blank);
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}

fn number(text: &str) -> Option<usize> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = text.trim_start_matches('0');
    let value = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    (value < MAX_CPUS).then_some(value)
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_of_all_kinds_agree() {
        for text in [
            "",
            " \n",
            "0",
            "0-3,5",
            "5,0-3",
            "3-1",
            "1,",
            ",",
            "1 -2",
            "0000000000000000000000001",
            "1024",
            "\u{a0}1",
            "63",
        ] {
            super::run(text.as_bytes());
        }
    }
}
