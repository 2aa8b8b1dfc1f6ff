//! What a kernel file says of itself: the release in a bzImage's header or a vmlinux's banner, and the
//! vmlinux inside a bzImage, which starts without the guest having to decompress it. Layout: the kernel's
//! `Documentation/arch/x86/boot.rst`.

use std::io::Read;

/// `HdrS`, where every bzImage has it.
const HEADER_MAGIC: std::ops::Range<usize> = 0x202..0x206;
const SETUP_SECTORS: usize = 0x1f1;
const VERSION_POINTER: usize = 0x20e;
const PAYLOAD_OFFSET: usize = 0x248;
const PAYLOAD_LENGTH: usize = 0x24c;
/// The largest vmlinux we unpack, in bytes.
const MAX_VMLINUX: u64 = 1 << 30;

/// The release of the kernel in these bytes, or what is wrong with them.
pub(super) fn release(bytes: &[u8]) -> Result<String, &'static str> {
    let text = if bytes.starts_with(b"\x7fELF") {
        let at = find(bytes, b"Linux version ").ok_or("it is an ELF file without a kernel's banner")?;
        &bytes[at + b"Linux version ".len()..]
    } else if bytes.get(HEADER_MAGIC) == Some(b"HdrS") {
        let at = number(bytes, VERSION_POINTER, 2).ok_or("it is cut short")? + 0x200;
        bytes.get(at..).ok_or("its header points outside of it")?
    } else {
        return Err("it is neither a bzImage nor an ELF file");
    };
    let word: Vec<u8> = text.iter().copied().take(128).take_while(|byte| byte.is_ascii_graphic()).collect();
    match String::from_utf8(word) {
        Ok(word) if word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains('/') => Ok(word),
        _ => Err("its release cannot be read"),
    }
}

/// The vmlinux in a bzImage that is compressed with zstd, or `None` for any other.
pub(super) fn vmlinux(bytes: &[u8]) -> Option<Vec<u8>> {
    let setup = match *bytes.get(SETUP_SECTORS)? {
        0 => 4,
        sectors => usize::from(sectors),
    };
    let start = (setup + 1) * 512 + number(bytes, PAYLOAD_OFFSET, 4)?;
    let payload = bytes.get(start..start.checked_add(number(bytes, PAYLOAD_LENGTH, 4)?)?)?;
    // The last four bytes are the unpacked size, for the kernel's own decompressor.
    let stream = payload.get(..payload.len().checked_sub(4)?)?;
    let decoder = ruzstd::decoding::StreamingDecoder::new(stream).ok()?;
    let mut out = Vec::new();
    decoder.take(MAX_VMLINUX).read_to_end(&mut out).ok()?;
    // Only a kernel with the PVH entry point can be started as an ELF file; its note's name is "Xen".
    (out.starts_with(b"\x7fELF") && find(&out, b"Linux version ").is_some() && has_pvh_note(&out))
        .then_some(out)
}

/// Whether an ELF file has the note `XEN_ELFNOTE_PHYS32_ENTRY` (18, named "Xen").
fn has_pvh_note(bytes: &[u8]) -> bool {
    let Ok(elf) = goblin::elf::Elf::parse(bytes) else { return false };
    elf.iter_note_headers(bytes)
        .into_iter()
        .flatten()
        .flatten()
        .any(|note| note.n_type == 18 && note.name.trim_end_matches('\0') == "Xen")
}

fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + width)?;
    Some(bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte)))
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bzimage(version: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 0x400];
        bytes[HEADER_MAGIC].copy_from_slice(b"HdrS");
        bytes[VERSION_POINTER] = 0x80;
        bytes[0x280..0x280 + version.len()].copy_from_slice(version);
        bytes
    }

    #[test]
    fn the_release_is_the_first_word_of_the_version() {
        assert_eq!(release(&bzimage(b"6.12.1-cloud (a@b) #1\0")), Ok("6.12.1-cloud".to_owned()));
        assert_eq!(release(b"\x7fELF....Linux version 7.2.0 (x)"), Ok("7.2.0".to_owned()));
    }

    #[test]
    fn whatever_is_no_kernel_is_told_apart() {
        for bytes in [&b""[..], b"MZ", b"\x7fELF", &bzimage(b"../../x"), &bzimage(b"")[..0x210]] {
            assert!(release(bytes).is_err());
            assert!(vmlinux(bytes).is_none());
        }
    }
}
