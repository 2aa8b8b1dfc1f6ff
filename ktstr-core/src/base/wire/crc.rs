//! CRC-32 as in IEEE 802.3, zip and PNG: reflected, polynomial 0x04C11DB7. It guards against accidents, not
//! attackers.

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut remainder = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            remainder = (remainder >> 1) ^ if remainder & 1 == 1 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        table[byte] = remainder;
        byte += 1;
    }
    table
};

/// The checksum of the parts, as if they stood in one piece.
pub fn crc32(parts: &[&[u8]]) -> u32 {
    let add = |sum: u32, byte: &u8| (sum >> 8) ^ TABLE[(sum as u8 ^ byte) as usize];
    !parts.iter().fold(u32::MAX, |sum, part| part.iter().fold(sum, add))
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn sums_match_the_published_ones() {
        for (text, sum) in [
            ("", 0),
            ("a", 0xE8B7_BE43),
            ("123456789", 0xCBF4_3926),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] {
            assert_eq!(crc32(&[text.as_bytes()]), sum, "{text}");
        }
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xCBF4_3926);
    }
}
