//! Durations and sizes as scenario files write them, both ways. Nothing is rounded: what cannot
//! be said exactly is refused.

use std::time::Duration;

const DURATION_UNITS: [(&str, u128); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Reads a duration: a number, with a fraction if wanted, and one of `ns`, `us`, `ms`, `s`, `min`, `h`.
///
/// # Errors
/// What is wrong, as the end of a sentence.
pub fn parse_duration(text: &str) -> Result<Duration, &'static str> {
    let (number, unit) = split(text)?;
    let &(_, scale) = DURATION_UNITS.iter().find(|(name, _)| *name == unit).ok_or(if unit.is_empty() {
        "the unit is missing"
    } else {
        "the unit is none of ns, us, ms, s, min, h"
    })?;
    let nanos = scaled(number, scale, "it is finer than a nanosecond")?;
    let seconds = u64::try_from(nanos / 1_000_000_000).map_err(|_| "it is too long")?;
    Ok(Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// Writes a duration in the largest of `ns`, `us`, `ms`, `s` that takes a whole number.
pub(crate) fn render_duration(duration: Duration) -> String {
    let nanos = duration.as_nanos();
    let (unit, scale) = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)]
        .into_iter()
        .find(|(_, scale)| nanos.is_multiple_of(*scale))
        .unwrap_or(("ns", 1));
    format!("{}{unit}", nanos / scale)
}

/// Reads a size in bytes: a number, with a fraction if wanted, and nothing or one of `B`, `K`, `M`, `G`, `T`
/// (also as `Ki`, `KiB`), which are powers of 1,024.
///
/// # Errors
/// What is wrong, as the end of a sentence.
pub(crate) fn parse_size(text: &str) -> Result<u64, &'static str> {
    let (number, unit) = split(text)?;
    let scale: u128 = match unit {
        "" | "B" => 1,
        "K" | "k" | "Ki" | "KiB" => 1 << 10,
        "M" | "m" | "Mi" | "MiB" => 1 << 20,
        "G" | "g" | "Gi" | "GiB" => 1 << 30,
        "T" | "t" | "Ti" | "TiB" => 1 << 40,
        "kB" | "KB" | "MB" | "GB" | "TB" => return Err("decimal units are not read, 1 KiB is 1024 bytes"),
        _ => return Err("the unit is none of B, K, M, G, T"),
    };
    let bytes = scaled(number, scale, "it is no whole number of bytes")?;
    u64::try_from(bytes).map_err(|_| "it is too large")
}

/// Writes a size in the largest of `B`, `K`, `M`, `G`, `T` that takes a whole number.
pub(crate) fn render_size(bytes: u64) -> String {
    let (unit, shift) = [("T", 40), ("G", 30), ("M", 20), ("K", 10)]
        .into_iter()
        .find(|(_, shift)| bytes != 0 && bytes.trailing_zeros() >= *shift)
        .unwrap_or(("", 0));
    format!("{}{unit}", bytes >> shift)
}

fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.is_empty() {
        return Err("it does not start with a number");
    }
    Ok((number, unit.strip_prefix(' ').unwrap_or(unit)))
}

/// `number · scale`, exactly.
fn scaled(number: &str, scale: u128, inexact: &'static str) -> Result<u128, &'static str> {
    const BAD: &str = "the number is not one";
    const LARGE: &str = "it is too large";
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return Err(BAD);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 18 {
        return Err(inexact);
    }
    let whole: u128 = whole.parse().map_err(|_| LARGE)?;
    let mut rest: u128 = if fraction.is_empty() { 0 } else { fraction.parse().map_err(|_| BAD)? };
    let divisor = 10u128.pow(fraction.len() as u32);
    rest *= scale;
    if !rest.is_multiple_of(divisor) {
        return Err(inexact);
    }
    whole.checked_mul(scale).and_then(|value| value.checked_add(rest / divisor)).ok_or(LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_write() {
        for (text, nanos, written) in [
            ("1.5s", 1_500_000_000, "1500ms"),
            ("250ms", 250_000_000, "250ms"),
            ("10us", 10_000, "10us"),
            ("10 µs", 10_000, "10us"),
            ("0s", 0, "0s"),
            ("7ns", 7, "7ns"),
            ("2min", 120_000_000_000, "120s"),
            ("0.5h", 1_800_000_000_000, "1800s"),
            ("0.000000001s", 1, "1ns"),
        ] {
            let duration = parse_duration(text).expect(text);
            assert_eq!(duration, Duration::from_nanos(nanos), "{text}");
            assert_eq!(render_duration(duration), written);
        }
        assert_eq!(parse_duration(&render_duration(Duration::MAX)), Ok(Duration::MAX));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "s",
            "1",
            "1 minute",
            "-1s",
            "1.s",
            ".5s",
            "1.2.3s",
            "0.5ns",
            "1e3s",
            "1s ",
            "99999999999999999999s",
        ] {
            assert!(parse_duration(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_read_and_write() {
        for (text, bytes, written) in [
            ("0", 0, "0"),
            ("64M", 64 << 20, "64M"),
            ("1.5GiB", 3 << 29, "1536M"),
            ("4096", 4096, "4K"),
            ("4097B", 4097, "4097"),
            ("2 Ti", 2 << 40, "2T"),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
            assert_eq!(render_size(bytes), written);
        }
        assert_eq!(parse_size(&render_size(u64::MAX)), Ok(u64::MAX));
        for text in ["", "M", "64MB", "1.1B", "0.3K", "-1", "64Q", "99999999T", "1..5M"] {
            assert!(parse_size(text).is_err(), "{text:?}");
        }
    }
}
