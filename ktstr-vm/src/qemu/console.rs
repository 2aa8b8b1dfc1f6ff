//! The guest's console: its last part is kept, never more, and read for why a guest ended. The kernel's
//! phrases are those of its own source (`kernel_init`, `mount_block_root`, `unpack_to_rootfs`,
//! `out_of_memory`).

use crate::error::VmError;
use crate::finding::{self, Finding, PANIC, without_stamp};
use crate::flags;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How much is kept, in bytes.
const KEPT: usize = 64 << 10;
/// The file may grow to this before it is cut back, in bytes.
const FILE_LIMIT: u64 = 4 << 20;
/// Lines shown with an error.
const SHOWN: usize = 40;

/// The end of what the guest wrote to its serial line.
#[derive(Debug, Default)]
pub(crate) struct Console {
    kept: Vec<u8>,
    read: u64,
}

impl Console {
    /// Takes in what has been added to the file, and cuts a file that has grown too long; QEMU appends to it.
    pub(crate) fn update(&mut self, path: &Path) {
        let Ok(mut file) = std::fs::OpenOptions::new().read(true).write(true).open(path) else { return };
        let mut fresh = Vec::new();
        let len = file.metadata().map_or(0, |meta| meta.len());
        let from = self.read.max(len.saturating_sub(KEPT as u64));
        if file.seek(SeekFrom::Start(from)).is_ok()
            && (&mut file).take(FILE_LIMIT).read_to_end(&mut fresh).is_ok()
        {
            self.kept.extend(&fresh);
            self.read = from + fresh.len() as u64;
        }
        self.kept.drain(..self.kept.len().saturating_sub(KEPT));
        if self.read > FILE_LIMIT && file.set_len(0).is_ok() {
            self.read = 0;
        }
    }

    /// The text kept, with control characters left out.
    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        text.chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect()
    }

    /// The last lines, for a person; before them the one that says why the guest ended, where a long trace
    /// follows it.
    pub(crate) fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        let (before, last) = lines.split_at(lines.len().saturating_sub(SHOWN));
        let says_why = |line: &&&str| finding::class(line).is_some() || flags::are_impossible(line);
        let why = before.iter().find(says_why).map(|line| format!("{line}\n…\n"));
        why.unwrap_or_default() + &last.join("\n")
    }

    /// What kept the kernel from starting our program, or took its memory away: our own lack. Nothing where
    /// it says no such thing.
    pub(crate) fn lack(&self) -> Option<VmError> {
        let text = self.text();
        let line = |phrase: &str| {
            text.lines().find(|line| line.contains(phrase)).map(|line| without_stamp(line).to_owned())
        };
        let console = self.tail();
        let panic = line(PANIC)?;
        let unpacking = line("Initramfs unpacking failed").or_else(|| line("rootfs image is not initramfs"));
        let no_init = line("No working init found").or_else(|| line("Requested init"));
        let no_init = no_init.or_else(|| line("Unable to mount root fs"));
        match (unpacking, no_init) {
            (Some(reason), _) => Some(VmError::BrokenImage { reason, console }),
            (None, Some(reason)) => Some(VmError::NoInit { reason, console }),
            (None, None) if panic.contains("memory") => Some(VmError::OutOfMemory { reason: panic, console }),
            // Process 1 is ours.
            (None, None) if panic.contains("Attempted to kill init") => {
                Some(VmError::Guest { reason: panic, console })
            }
            (None, None) => None,
        }
    }

    /// What the console shows of a kernel under test that has ended by itself.
    pub(crate) fn finding(&self, started: bool) -> Option<Finding> {
        Finding::of_console(&self.text(), || self.tail(), started)
    }

    /// Whether the guest died of its emulator.
    pub(crate) fn shows_impossible_flags(&self) -> bool {
        self.text().lines().any(flags::are_impossible)
    }

    /// The kernel's line on a process that it killed for want of memory (its own, not a cgroup's).
    pub(crate) fn out_of_memory(&self) -> Option<String> {
        self.text()
            .lines()
            .find(|line| line.contains("Out of memory: Killed process"))
            .map(|line| without_stamp(line).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console(text: &str) -> Console {
        Console { kept: text.as_bytes().to_vec(), read: 0 }
    }

    #[test]
    fn the_kernels_words_are_told_apart() {
        for (text, code) in [
            ("[    1.0] Kernel panic - not syncing: sysrq triggered crash", None),
            ("[    1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0", Some("V037")),
            ("[ 1.0] Kernel panic - not syncing: No working init found.  Try passing init=", Some("V031")),
            (
                "[ 1.0] Initramfs unpacking failed: junk\n[ 2.0] Kernel panic - not syncing: VFS: Unable to mount root fs",
                Some("V032"),
            ),
            ("[ 1.0] Kernel panic - not syncing: System is deadlocked on memory", Some("V033")),
            ("[ 1.0] reboot: Restarting system", None),
            ("", None),
        ] {
            assert_eq!(console(text).lack().map(|error| error.code()), code, "{text}");
        }
    }

    #[test]
    fn the_reason_has_no_time_stamp() {
        let error =
            console("[    1.5] Kernel panic - not syncing: No working init found.\r\n").lack().unwrap();
        assert!(
            error.to_string().ends_with("no init: Kernel panic - not syncing: No working init found."),
            "{error}"
        );
    }

    #[test]
    fn a_long_trace_does_not_hide_what_it_is_of() {
        let cause = "[ 1.0] Kernel panic - not syncing: x";
        for (lines, shown) in [(SHOWN - 1, SHOWN), (SHOWN, SHOWN + 2), (10 * SHOWN, SHOWN + 2)] {
            let text =
                format!("[ 0.9] sysrq: Trigger a crash\n{cause}\n{}", "[ 1.1]  ? f+0x1/0x2\n".repeat(lines));
            let tail = console(&text).tail();
            assert!(tail.starts_with(cause), "{lines}: {tail}");
            assert_eq!(tail.lines().count(), shown, "{lines}");
        }
    }

    #[test]
    fn a_flood_is_kept_only_at_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("console");
        let (mut console, line) = (Console::default(), b"0123456789abcde\n".repeat(1 << 16));
        for _ in 0..8 {
            use std::io::Write;
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path).unwrap();
            file.write_all(&line).unwrap();
            console.update(&path);
        }
        assert!(path.metadata().unwrap().len() <= FILE_LIMIT);
        assert_eq!(console.text().len(), KEPT);
        assert_eq!(console.tail().lines().count(), SHOWN);
    }
}
