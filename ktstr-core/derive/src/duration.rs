//! Durations as they are written in an attribute: `"30s"`, `"1.5s"`, `"250ms"`.

const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds that `text` stands for, above zero; `None` when it is no duration or has a fraction of a
/// nanosecond.
pub(crate) fn nanoseconds(text: &str) -> Option<u64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty();
    if !digits(whole) || !digits(fraction) || fraction.len() > 12 {
        return None;
    }
    let parts = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let fine = fraction.parse::<u128>().ok()? * scale;
    let total = whole.parse::<u64>().ok()? as u128 * scale + fine / parts;
    if fine % parts != 0 || total == 0 {
        return None;
    }
    u64::try_from(total).ok()
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn a_number_and_a_unit_make_a_duration() {
        for (text, expected) in [
            ("30s", Some(30_000_000_000)),
            ("1.5s", Some(1_500_000_000)),
            ("250ms", Some(250_000_000)),
            ("2m", Some(120_000_000_000)),
            ("1h", Some(3_600_000_000_000)),
            ("7us", Some(7_000)),
            ("1ns", Some(1)),
            ("0.5ns", None),
            ("0s", None),
            ("0.0s", None),
            ("30", None),
            ("s", None),
            (".5s", None),
            ("1.s", None),
            ("-1s", None),
            ("1 s", None),
            ("30sec", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
            ("", None),
        ] {
            assert_eq!(nanoseconds(text), expected, "{text:?}");
        }
    }
}
