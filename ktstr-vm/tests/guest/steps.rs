//! A program that sets the flag for single steps and dies of it, since nobody traces it: as one does whose
//! flags the emulator has got wrong.

/// `pushfq; or dword [rsp], 0x100; popfq; nop`, and a jump to itself.
const CODE: [u8; 12] = [0x9c, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00, 0x9d, 0x90, 0xeb, 0xfe];
/// Where its one segment is, and with that the file.
const BASE: u64 = 0x40_0000;
/// Bytes of the file's header and the segment's.
const HEAD: u64 = 64 + 56;

/// The program as an ELF file.
pub(crate) fn program() -> Vec<u8> {
    let size = HEAD + CODE.len() as u64;
    let mut elf = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    elf.extend([BASE + HEAD, 64, 0].iter().flat_map(|word| word.to_le_bytes()));
    elf.extend([0u16, 0, 64, 56, 1, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()));
    elf.extend([1u32, 5].iter().flat_map(|word| word.to_le_bytes()));
    elf.extend([0, BASE, BASE, size, size, 4096].iter().flat_map(|word| word.to_le_bytes()));
    elf.extend(CODE);
    elf
}
