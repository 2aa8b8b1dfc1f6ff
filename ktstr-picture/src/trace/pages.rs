//! The pages of the kernel's ring buffer, as `trace_pipe_raw` gives them: a time and a length, then records
//! with the time since the one before (the kernel's `include/linux/ring_buffer.h` and
//! `events/header_page`).

/// Bytes of a page, of its head, and of the length in that; what is above are flags.
const PAGE: usize = 4096;
const HEAD: usize = 16;
const LENGTH: u64 = 0xf_ffff;
/// What the lower five bits of a record's first word say.
const PADDING: u32 = 29;
const TIME_EXTEND: u32 = 30;
const TIME_STAMP: u32 = 31;

/// Gives each record of a CPU with its time, in order. A page that is cut, or says more than it holds, ends
/// where it does.
pub(super) fn each(pages: &[u8], mut record: impl FnMut(u64, &[u8])) {
    for page in pages.chunks(PAGE) {
        let (Some(at), Some(length)) = (word64(page, 0), word64(page, 8)) else { continue };
        let end = HEAD.saturating_add((length & LENGTH) as usize).min(page.len());
        if let Some(data) = page.get(HEAD..end) {
            of_page(at, data, &mut record);
        }
    }
}

fn of_page(mut at: u64, mut data: &[u8], record: &mut impl FnMut(u64, &[u8])) {
    while let Some(head) = word32(data, 0) {
        let (kind, delta) = (head & 31, u64::from(head >> 5));
        let first = word32(data, 4);
        let length = match kind {
            // At the end of a page there is nothing but padding, else it is of a record that was discarded.
            PADDING if delta == 0 => return,
            PADDING | 0 => match first {
                Some(length) => 4_usize.saturating_add(length as usize),
                None => return,
            },
            TIME_EXTEND | TIME_STAMP => 8,
            words => 4 + 4 * words as usize,
        };
        let Some(body) = data.get(..length) else { return };
        match kind {
            TIME_EXTEND => at = at.wrapping_add(delta | u64::from(first.unwrap_or(0)) << 27),
            TIME_STAMP => at = (at & 0xf8 << 56) | delta | u64::from(first.unwrap_or(0)) << 27,
            PADDING => at = at.wrapping_add(delta),
            0 => {
                at = at.wrapping_add(delta);
                record(at, body.get(8..).unwrap_or_default());
            }
            _ => {
                at = at.wrapping_add(delta);
                record(at, &body[4..]);
            }
        }
        // Records begin at multiples of four bytes; a length of nothing would never end.
        data = data.get(length.next_multiple_of(4).max(4)..).unwrap_or_default();
    }
}

fn word32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
}

fn word64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}
