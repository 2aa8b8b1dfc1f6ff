//! Frames: hostile bytes never panic, and what reads well is written as the same value again.

use ktstr_core::wire::{self, EventRecord, HEADER, MAX_BODY, WireError};
use ktstr_core::{Fault, Outcome, WorkerReport};

/// How many bytes a value may grow by: reading carries nanoseconds past a second over, and the number of
/// seconds may take one byte more for that.
const CARRY: usize = 1;

/// Reads a value, writes it, and reads and writes it again: the second writing is the same as the first.
macro_rules! check {
    ($input:expr, $type:ty) => {{
        fn read(bytes: &[u8]) -> Result<($type, &[u8]), WireError> {
            wire::decode(bytes)
        }
        let input: &[u8] = $input;
        match read(input) {
            Ok((value, rest)) => {
                let (mut first, mut second) = ([0; 4096], [0; 4096]);
                let written = wire::encode(&value, &mut first).expect("what was read fits");
                let had = input.len() - rest.len() + CARRY;
                assert!(written.len() <= had, "{value:?} takes more room than before");
                let (again, rest) = read(written).expect("what was written reads");
                assert!(rest.is_empty(), "nothing follows");
                assert_eq!(wire::encode(&again, &mut second), Ok(written), "{value:?}");
            }
            Err(WireError::Torn { have, need }) => {
                assert!(have == input.len() && need > have && need <= HEADER + MAX_BODY, "{have} of {need}");
            }
            Err(_) => {}
        }
    }};
}

/// The target. The first byte says which type is read, and whether the rest is a frame or the body of one.
pub fn run(bytes: &[u8]) {
    let Some((&kind, rest)) = bytes.split_first() else { return };
    let mut frame = [0; HEADER + 512];
    let input = if kind & 0x80 == 0 { framed(rest, &mut frame) } else { rest };
    match kind % 4 {
        0 => check!(input, Outcome),
        1 => check!(input, Fault),
        2 => check!(input, WorkerReport),
        _ => check!(input, EventRecord<&str>),
    }
}

/// A frame around a body that is as hostile as it may be.
fn framed<'f>(body: &[u8], frame: &'f mut [u8; HEADER + 512]) -> &'f [u8] {
    let body = &body[..body.len().min(512)];
    frame[..4].copy_from_slice(&wire::MAGIC);
    frame[4..6].copy_from_slice(&wire::VERSION.to_le_bytes());
    frame[6..10].copy_from_slice(&(body.len() as u32).to_le_bytes());
    frame[HEADER..][..body.len()].copy_from_slice(body);
    let sum = wire::crc32(&[&frame[4..10], body]);
    frame[10..HEADER].copy_from_slice(&sum.to_le_bytes());
    &frame[..HEADER + body.len()]
}

#[cfg(test)]
mod tests {
    #[test]
    fn nanoseconds_past_a_second_may_lengthen_the_seconds() {
        super::run(&[0x1b, 0x00, 0x7e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0]);
    }
}
