//! Says from a line of a kernel's log whether its emulator went wrong. After `cmpxchg8b` and `cmpxchg16b`
//! QEMU (7.2 at least) has rubbish in all flags but one, since it works them out from operands that it has
//! given up already. What is interrupted just then goes on with that rubbish, and dies. The kernel prints the
//! flags of what dies. Kernels are asked not to use `cmpxchg16b` where they can do without; programs may
//! use either.

/// Bits 3, 5, 15 and 22 to 31 of `EFLAGS` are always 0, says the processor's manual.
const NEVER: u32 = 0xffc0_8028;
/// Also what no program sets that means to go on: single steps, ports, nested tasks, virtual 8086 mode with
/// its interrupts, checks of alignment.
const NOT_IN_PROGRAMS: u32 = NEVER | 1 << 8 | 3 << 12 | 1 << 14 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20;

/// Whether this line shows flags that no CPU can have, or, in a program, ought not to have.
pub(crate) fn are_impossible(line: &str) -> bool {
    let Some((before, after)) = line.split_once("EFLAGS: ") else { return false };
    let word = after.split_whitespace().next().unwrap_or_default();
    // The stack segment of programs.
    let refused = if before.contains("RSP: 002b:") { NOT_IN_PROGRAMS } else { NEVER };
    u32::from_str_radix(word, 16).is_ok_and(|flags| flags & refused != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_no_cpu_has_are_seen() {
        for (place, flags, impossible) in [
            ("0018:ffffc90000013bd0", "041e12aa", true),
            ("0018:ffffc90000013bd0", "04b6b646", true),
            ("0018:ffffc90000013bd0", "00010246", false),
            ("0018:ffffc90000013bd0", "00050246", false),
            ("002b:00007ffe50", "00010246", false),
            ("002b:00007ffe50", "00000302", true),
            ("002b:00007ffe50", "00244202", true),
            ("002b:00007ffe50", "", false),
        ] {
            let line = format!("[ 1.0] RSP: {place} EFLAGS: {flags}\n");
            assert_eq!(are_impossible(&line), impossible, "{line}");
        }
        assert!(!are_impossible("[ 1.0] nothing of the kind"));
    }
}
