//! Leaving memory: a fork of a large program keeps what it needs, and lets go of the rest of its copy.

use rustix::fs::{Mode, OFlags, open};
use std::ops::Range;

/// How much is kept below and above a place that is in use: a stack, and thread-local memory.
const AROUND: usize = 1 << 20;

/// The longest line of `/proc/self/maps` that is read as one; a longer one names a file.
const LINE: usize = 4096;

/// Unmaps the private anonymous memory of this process that can be written, but for static variables and
/// what is near the stack and the thread-local memory of this thread. Does nothing where the kernel does not
/// say what is mapped.
///
/// # Safety
/// Only in a fork of one thread that from now on uses static variables, its stack and shared memory only:
/// whatever was allocated is no longer there.
pub(crate) unsafe fn private_memory() {
    let on_stack = 0u8;
    // SAFETY: the place of `errno` is thread-local memory; it is not read.
    let thread_local = unsafe { libc::__errno_location() } as usize;
    let kept = [std::ptr::from_ref(&on_stack) as usize, thread_local];
    let Ok(maps) = open(c"/proc/self/maps", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) else { return };
    let mut lines = Lines { buffer: [0; LINE], filled: 0, begun: 0 };
    let mut before = Mapped { range: 0..0, is_heap: false, is_named: false };
    // A mapping that is unmapped is listed no more, so that each is looked at once, in order.
    while let Some(line) = lines.next(|room| rustix::io::read(&maps, room).unwrap_or(0)) {
        let Some(now) = Mapped::of(line) else { continue };
        // What follows a file without a gap are the static variables of the program or of a library.
        let is_static = before.is_named && before.range.end == now.range.start;
        if now.is_heap && !is_static {
            for range in outside(&now.range, kept).into_iter().flatten() {
                // SAFETY: the caller's promise; nothing of it is used again.
                unsafe { libc::munmap(range.start as *mut libc::c_void, range.len()) };
            }
        }
        before = now;
    }
}

/// What of a range is not around the places that are kept: before the first, between them, after the last.
fn outside(range: &Range<usize>, mut kept: [usize; 2]) -> [Option<Range<usize>>; 3] {
    kept.sort_unstable();
    let page = rustix::param::page_size();
    let mut from = range.start;
    let mut parts = [None, None, None];
    for (part, place) in parts.iter_mut().zip(kept) {
        let low = place.saturating_sub(AROUND) / page * page;
        let high = place.saturating_add(AROUND).next_multiple_of(page);
        if low >= range.end || high <= range.start {
            continue;
        }
        *part = (from < low).then_some(from..low);
        from = from.max(high.min(range.end));
    }
    parts[2] = (from < range.end).then_some(from..range.end);
    parts
}

/// One line of `/proc/self/maps`.
struct Mapped {
    range: Range<usize>,
    /// Whether it is private, anonymous and can be written.
    is_heap: bool,
    /// Whether it is private, and a file or the kernel is behind it.
    is_named: bool,
}

impl Mapped {
    fn of(line: &[u8]) -> Option<Self> {
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let (bounds, rights) = (words.next()?, words.next()?);
        let name = words.nth(3).unwrap_or_default();
        let mut bounds = bounds.split(|byte| *byte == b'-').map(hex);
        let range = bounds.next()??..bounds.next()??;
        let is_anonymous = name.is_empty() || name == b"[heap]" || name.starts_with(b"[anon:");
        let is_heap = is_anonymous && rights == b"rw-p";
        let is_named = !is_anonymous && rights.ends_with(b"p");
        Some(Self { range, is_heap, is_named })
    }
}

fn hex(digits: &[u8]) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Reads line by line without allocating.
struct Lines {
    buffer: [u8; LINE],
    filled: usize,
    begun: usize,
}

impl Lines {
    /// The next line, without its end, of what `read` gives; the rest of one that is too long is another.
    fn next(&mut self, mut read: impl FnMut(&mut [u8]) -> usize) -> Option<&[u8]> {
        loop {
            let open = &self.buffer[self.begun..self.filled];
            let end = open.iter().position(|byte| *byte == b'\n');
            if let Some(length) = end.or((open.len() >= LINE).then_some(LINE)) {
                let line = self.begun..self.begun + length;
                self.begun = line.end + usize::from(end.is_some());
                return Some(&self.buffer[line]);
            }
            self.buffer.copy_within(self.begun..self.filled, 0);
            (self.filled, self.begun) = (self.filled - self.begun, 0);
            match read(&mut self.buffer[self.filled..]) {
                0 => return None,
                more => self.filled += more,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_two_places_is_kept() {
        let a = AROUND;
        let whole = 0..10 * a;
        for (kept, left) in [
            ([20 * a, 30 * a], &[(0, 10)][..]),
            ([3 * a, 30 * a], &[(0, 2), (4, 10)]),
            ([7 * a, 3 * a], &[(0, 2), (4, 6), (8, 10)]),
            ([3 * a, 4 * a], &[(0, 2), (5, 10)]),
            ([0, 10 * a], &[(1, 9)]),
        ] {
            let parts = outside(&whole, kept).into_iter().flatten();
            let parts: Vec<_> = parts.map(|part| (part.start / a, part.end / a)).collect();
            assert_eq!(parts, left, "{kept:?}");
        }
    }

    #[test]
    fn heaps_are_known_from_files_and_what_follows_them() {
        for (line, range, is_heap, is_named) in [
            ("7f00-7f10 rw-p 00000000 00:00 0 ", 0x7f00..0x7f10, true, false),
            ("7f00-7f10 rw-p 00000000 00:00 0                          [heap]", 0x7f00..0x7f10, true, false),
            ("7f00-7f10 rw-p 00000000 00:00 0    [anon:pool]", 0x7f00..0x7f10, true, false),
            ("7f00-7f10 rw-p 00000000 00:00 0    [stack]", 0x7f00..0x7f10, false, true),
            ("7f00-7f10 r--p 00000000 00:00 0 ", 0x7f00..0x7f10, false, false),
            ("7f00-7f10 rw-s 00000000 00:01 9    /dev/zero (deleted)", 0x7f00..0x7f10, false, false),
            ("7f00-7f10 rw-p 00001000 fe:01 77   /usr/lib/libc.so.6", 0x7f00..0x7f10, false, true),
        ] {
            let mapped = Mapped::of(line.as_bytes()).expect(line);
            assert_eq!((mapped.range, mapped.is_heap, mapped.is_named), (range, is_heap, is_named), "{line}");
        }
        assert!(Mapped::of(b"no mapping").is_none());
    }

    #[test]
    fn lines_are_whole_however_they_are_read() {
        let text = format!("first\n{}\nlast\n", "x".repeat(LINE + 3));
        for step in [1, 7, LINE] {
            let (mut lines, mut rest) = (Lines { buffer: [0; LINE], filled: 0, begun: 0 }, text.as_bytes());
            let mut found = Vec::new();
            while let Some(line) = lines.next(|room| {
                let length = step.min(room.len()).min(rest.len());
                room[..length].copy_from_slice(&rest[..length]);
                rest = &rest[length..];
                length
            }) {
                found.push(line.len());
            }
            assert_eq!(found, [5, LINE, 3, 4], "{step}");
        }
    }
}
