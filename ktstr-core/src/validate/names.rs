//! Whether a path names a cgroup that can be made, listed and removed, and what other texts may not hold.

use crate::base::name::equal_bytes;
use crate::validate::invalid::Value;
use crate::validate::rules::ErrorKind;

/// Longest component of a path in bytes, NAME_MAX.
pub const MAX_NAME: usize = 255;
/// Longest path below the run's own cgroup in bytes: half of PATH_MAX, the rest is for what is before it.
pub const MAX_PATH: usize = 2048;
/// Most levels below the run's own cgroup.
pub const MAX_DEPTH: usize = 32;

/// What is wrong with a path: the rule, the number that is wrong, and its bound.
pub(super) type NameFault = (ErrorKind, Value, Value);

const fn fault(kind: ErrorKind) -> Option<NameFault> {
    Some((kind, Value::None, Value::None))
}

/// Whether a path is one component without anything that needs a closer look.
#[inline]
pub(super) const fn is_plain(path: &str) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let mut bytes = path.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX_NAME {
        return false;
    }
    // A byte of `word` is zero where its high bit is set here, and perhaps one above it: never missed,
    // sometimes suspected.
    let mut odd = 0;
    while let Some((chunk, rest)) = bytes.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let slash = word ^ (ONES * b'/' as u64);
        let dot = word ^ (ONES * b'.' as u64);
        let newline = word ^ (ONES * b'\n' as u64);
        odd |= word.wrapping_sub(ONES) & !word;
        odd |= slash.wrapping_sub(ONES) & !slash;
        odd |= dot.wrapping_sub(ONES) & !dot;
        odd |= newline.wrapping_sub(ONES) & !newline;
        bytes = rest;
    }
    if odd & HIGHS != 0 {
        return false;
    }
    while let Some((byte, rest)) = bytes.split_first() {
        if matches!(*byte, 0 | b'\n' | b'.' | b'/') {
            return false;
        }
        bytes = rest;
    }
    true
}

/// The first thing that is wrong with a path.
pub(super) const fn check(path: &str) -> Option<NameFault> {
    let bytes = path.as_bytes();
    if bytes.is_empty() {
        return fault(ErrorKind::NameEmpty);
    }
    if bytes.len() > MAX_PATH {
        let (length, most) = (Value::Count(bytes.len() as u64), Value::Count(MAX_PATH as u64));
        return Some((ErrorKind::PathTooLong, length, most));
    }
    if bytes[0] == b'/' {
        return fault(ErrorKind::NameAbsolute);
    }
    let (mut start, mut at, mut depth) = (0, 0, 1);
    while at <= bytes.len() {
        if at == bytes.len() || bytes[at] == b'/' {
            let component = bytes.split_at(at).0.split_at(start).1;
            if let Some(found) = check_component(component) {
                return Some(found);
            }
            start = at + 1;
            depth += (at < bytes.len()) as usize;
        } else if bytes[at] == 0 {
            return fault(ErrorKind::NameNul);
        } else if bytes[at] == b'\n' {
            return fault(ErrorKind::NameNewline);
        }
        at += 1;
    }
    if depth > MAX_DEPTH {
        let (depth, most) = (Value::Count(depth as u64), Value::Count(MAX_DEPTH as u64));
        return Some((ErrorKind::PathTooDeep, depth, most));
    }
    None
}

const fn check_component(component: &[u8]) -> Option<NameFault> {
    match component {
        [] => return fault(ErrorKind::NameSlashes),
        b"." | b".." => return fault(ErrorKind::NameDots),
        [b'.', ..] => return fault(ErrorKind::NameHidden),
        _ => {}
    }
    if component.len() > MAX_NAME {
        let (length, most) = (Value::Count(component.len() as u64), Value::Count(MAX_NAME as u64));
        return Some((ErrorKind::NameTooLong, length, most));
    }
    let mut i = 0;
    while i < RESERVED.len() {
        if starts_with(component, RESERVED[i]) {
            return fault(ErrorKind::NameReserved);
        }
        i += 1;
    }
    None
}

/// What control files start with: the core's prefix and every controller's, also those that scenarios do not
/// use.
const RESERVED: [&[u8]; 12] = [
    b"cgroup.",
    b"cpu.",
    b"cpuset.",
    b"memory.",
    b"io.",
    b"pids.",
    b"irq.",
    b"hugetlb.",
    b"rdma.",
    b"misc.",
    b"perf_event.",
    b"dmem.",
];

const fn starts_with(bytes: &[u8], prefix: &[u8]) -> bool {
    bytes.len() >= prefix.len() && equal_bytes(bytes.split_at(prefix.len()).0, prefix)
}

/// The path of the parent; `None` for a cgroup directly below the run's own.
pub(super) const fn parent(path: &str) -> Option<&str> {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 {
        at -= 1;
        if bytes[at] == b'/' {
            return Some(path.split_at(at).0);
        }
    }
    None
}

/// Whether a text holds a NUL byte.
pub(super) const fn has_nul(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == 0 {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether a text can stand in a line of a report: not empty, no control characters.
pub(super) const fn is_printable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] < b' ' || bytes[at] == 0x7F {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty()
}
