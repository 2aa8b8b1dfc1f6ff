//! How the kernel reads what is written into its control files: numbers, sizes, controller lists, CPU lists.
//! Only syntax and the errors of syntax; what a value means for a cgroup is judged where it is set.

use crate::errno::Errno;
use ktstr_core::IdSet;

/// Text without the blanks around it, as the kernel strips it before most parses.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b')
}

/// An unsigned number: optional `+`, decimal, `0x` or `0` for octal, one newline at most after it.
pub(crate) fn unsigned(text: &str) -> Result<u64, Errno> {
    let (value, rest) = digits(text.strip_prefix('+').unwrap_or(text))?;
    match rest {
        "" | "\n" => Ok(value),
        _ => Err(Errno::EINVAL),
    }
}

/// A signed number in the same syntax.
pub(crate) fn signed(text: &str) -> Result<i64, Errno> {
    match text.strip_prefix('-') {
        Some(rest) if rest.starts_with('+') => Err(Errno::EINVAL),
        Some(rest) => {
            let value = unsigned(rest)?;
            if value <= 1 << 63 { Ok((value as i64).wrapping_neg()) } else { Err(Errno::ERANGE) }
        }
        None => i64::try_from(unsigned(text)?).map_err(|_| Errno::ERANGE),
    }
}

/// A signed number that fits 32 bits.
pub(crate) fn int(text: &str) -> Result<i32, Errno> {
    i32::try_from(signed(text)?).map_err(|_| Errno::ERANGE)
}

fn radix(text: &str) -> (u32, &str) {
    let bytes = text.as_bytes();
    match bytes {
        [b'0', b'x' | b'X', digit, ..] if digit.is_ascii_hexdigit() => (16, &text[2..]),
        [b'0', ..] => (8, text),
        _ => (10, text),
    }
}

fn digits(text: &str) -> Result<(u64, &str), Errno> {
    let (radix, text) = radix(text);
    let end = text.find(|c: char| !c.is_digit(radix)).unwrap_or(text.len());
    if end == 0 {
        return Err(Errno::EINVAL);
    }
    let value = u64::from_str_radix(&text[..end], radix).map_err(|_| Errno::ERANGE)?;
    Ok((value, &text[end..]))
}

/// A size in bytes: a number and one of `KMGTPE`. Too large a size is the largest if they `saturate`, else it
/// wraps around, and a suffix alone is 0. No text is 0.
pub(crate) fn size(text: &str, saturate: bool) -> Result<u64, Errno> {
    let (radix, text) = radix(text);
    let end = text.find(|c: char| !c.is_digit(radix)).unwrap_or(text.len());
    let value =
        text[..end].chars().filter_map(|c| c.to_digit(radix)).fold(0u64, |value, digit| match saturate {
            true => value.saturating_mul(radix.into()).saturating_add(digit.into()),
            false => value.wrapping_mul(radix.into()).wrapping_add(digit.into()),
        });
    let mut rest = text[end..].chars();
    let shift = match rest.clone().next().map(|c| c.to_ascii_uppercase()) {
        Some('K') => 10,
        Some('M') => 20,
        Some('G') => 30,
        Some('T') => 40,
        Some('P') => 50,
        Some('E') => 60,
        _ => 0,
    };
    if shift > 0 {
        rest.next();
    }
    let missing = saturate && end == 0 && !text.is_empty();
    if missing || rest.next().is_some() {
        return Err(Errno::EINVAL);
    }
    let fits = value.leading_zeros() >= shift;
    Ok(if saturate && !fits { u64::MAX } else { value << shift })
}

/// The leading decimal number of a text, as `sscanf("%llu")` reads it; what follows is of no matter.
pub(crate) fn leading(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// Whether the leading decimal number is the largest of 64 bits, or larger.
pub(crate) fn is_past_u64(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && leading(text).is_none_or(|number| number == u64::MAX)
}

/// A list of numbers below `bits`: `0-3,5`, strides `0-9:2/4`, `all`, `N` for the last; commas and blanks
/// part items.
pub(crate) fn list<const WORDS: usize>(text: &str, bits: usize) -> Result<IdSet<WORDS>, Errno> {
    let text = text.split(['\n', '\0']).next().unwrap_or("");
    let mut set = IdSet::EMPTY;
    for item in text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|item| !item.is_empty()) {
        let region = region(item, bits)?;
        if region.start > region.end || region.group == 0 || region.used > region.group {
            return Err(Errno::EINVAL);
        }
        if region.end >= bits {
            return Err(Errno::ERANGE);
        }
        let mut start = region.start;
        while start <= region.end {
            for id in start..(start + region.used).min(region.end + 1) {
                set.insert(id);
            }
            start += region.group;
        }
    }
    Ok(set)
}

struct Region {
    start: usize,
    end: usize,
    used: usize,
    group: usize,
}

fn region(item: &str, bits: usize) -> Result<Region, Errno> {
    let (start, end, rest) = if item.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("all")) {
        (0, bits.saturating_sub(1), &item[3..])
    } else {
        let (start, rest) = list_number(item, bits)?;
        if rest.is_empty() {
            return Ok(Region { start, end: start, used: start + 1, group: start + 1 });
        }
        let (end, rest) = list_number(rest.strip_prefix('-').ok_or(Errno::EINVAL)?, bits)?;
        (start, end, rest)
    };
    if rest.is_empty() {
        return Ok(Region { start, end, used: end + 1, group: end + 1 });
    }
    let (used, rest) = list_number(rest.strip_prefix(':').ok_or(Errno::EINVAL)?, bits)?;
    let (group, rest) = list_number(rest.strip_prefix('/').ok_or(Errno::EINVAL)?, bits)?;
    if rest.is_empty() { Ok(Region { start, end, used, group }) } else { Err(Errno::EINVAL) }
}

fn list_number(text: &str, bits: usize) -> Result<(usize, &str), Errno> {
    if let Some(rest) = text.strip_prefix('N') {
        return Ok((bits.saturating_sub(1), rest));
    }
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 {
        return Err(Errno::EINVAL);
    }
    let number: u32 = text[..end].parse().map_err(|_| Errno::EOVERFLOW)?;
    Ok((number as usize, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::CpuSet;

    #[test]
    fn numbers_read_as_the_kernel_reads_them() {
        for (text, value) in [
            ("0", Ok(0)),
            ("1\n", Ok(1)),
            ("+7", Ok(7)),
            ("-1", Ok(-1)),
            ("0x10", Ok(16)),
            ("010", Ok(8)),
            ("2147483647", Ok(i32::MAX)),
            ("2147483648", Err(Errno::ERANGE)),
            ("99999999999999999999", Err(Errno::ERANGE)),
            ("", Err(Errno::EINVAL)),
            ("08", Err(Errno::EINVAL)),
            ("1 ", Err(Errno::EINVAL)),
            ("1\n\n", Err(Errno::EINVAL)),
            ("-+1", Err(Errno::EINVAL)),
            ("0x", Err(Errno::EINVAL)),
            ("one", Err(Errno::EINVAL)),
        ] {
            assert_eq!(int(text), value, "{text:?}");
        }
    }

    #[test]
    fn sizes_take_one_suffix() {
        for (text, value) in [
            ("4096", Ok(4096)),
            ("64M", Ok(64 << 20)),
            ("1g", Ok(1 << 30)),
            ("", Ok(0)),
            ("K", Ok(0)),
            ("0x10K", Ok(16 << 10)),
            ("1KB", Err(Errno::EINVAL)),
            ("-1", Err(Errno::EINVAL)),
            ("64 M", Err(Errno::EINVAL)),
        ] {
            assert_eq!(size(text, false), value, "{text:?}");
        }
    }

    #[test]
    fn large_sizes_wrap_or_saturate() {
        for (text, wrapped, saturated) in [
            ("18446744073709551616", Ok(0), Ok(u64::MAX)),
            ("16E", Ok(0), Ok(u64::MAX)),
            ("15E", Ok(15 << 60), Ok(15 << 60)),
            ("K", Ok(0), Err(Errno::EINVAL)),
            ("", Ok(0), Ok(0)),
        ] {
            assert_eq!((size(text, false), size(text, true)), (wrapped, saturated), "{text:?}");
        }
    }

    #[test]
    fn lists_take_blanks_strides_and_names() {
        for (text, written) in [
            ("0-3,5", Ok("0-3,5")),
            ("1 2", Ok("1-2")),
            (",,1,", Ok("1")),
            ("all", Ok("0-7")),
            ("N", Ok("7")),
            ("4-N", Ok("4-7")),
            ("0-7:2/4", Ok("0-1,4-5")),
            ("0-1\nx", Ok("0-1")),
            ("0-7:0/4", Ok("")),
            ("8", Err(Errno::ERANGE)),
            ("3-1", Err(Errno::EINVAL)),
            ("1-", Err(Errno::EINVAL)),
            ("-1", Err(Errno::EINVAL)),
            ("a", Err(Errno::EINVAL)),
            ("0-7:5/4", Err(Errno::EINVAL)),
            ("0-7:0/0", Err(Errno::EINVAL)),
            ("4294967296", Err(Errno::EOVERFLOW)),
        ] {
            let set: Result<CpuSet, Errno> = list(text, 8);
            assert_eq!(set.map(|set| set.to_string()), written.map(String::from), "{text:?}");
        }
    }
}
