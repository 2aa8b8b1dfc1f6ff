//! What was probably meant by a value that cannot be read. A guess is in the form in which it would be
//! written. It is made where only the form was wrong; what could mean several things is not guessed.

use crate::schema::shape::Kind;
use crate::units::{parse_duration, parse_size, render_duration};
use ktstr_core::{IdSet, Uniform};
use std::time::Duration;
use toml::de::DeValue;

/// The keys whose numbers are shares, so that `50%` is 0.5 there.
const SHARES: [&str; 4] = ["hold", "frac", "range", "workers_pct"];

/// How people write that there is no limit.
const UNLIMITED: [&str; 7] = ["max", "unlimited", "infinity", "infinite", "inf", "none", "-1"];

/// What is written for a value that the key takes in another form.
pub(crate) fn value(key: &str, value: &DeValue<'_>, kind: &Kind) -> Option<String> {
    match (value, kind) {
        (_, Kind::Either(kinds)) => kinds.iter().find_map(|kind| self::value(key, value, kind)),
        (DeValue::Array(items), Kind::Form("list")) => {
            let ids: Vec<_> = items.iter().map(|item| plain(item.get_ref())).collect::<Option<_>>()?;
            list(&ids.join(",")).map(quoted)
        }
        (DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_), _) => None,
        (DeValue::String(_), Kind::List(Kind::Text)) => Some(format!("[{}]", quoted(plain(value)?))),
        (DeValue::String(text), Kind::List(Kind::Word(words))) => {
            words.contains(&text.as_ref()).then(|| format!("[{}]", quoted(text)))
        }
        _ => of_plain(key, plain(value)?.trim(), value, kind),
    }
}

fn of_plain(key: &str, text: &str, value: &DeValue<'_>, kind: &Kind) -> Option<String> {
    let is_text = matches!(value, DeValue::String(_));
    match kind {
        Kind::Text | Kind::Tag(_) => (!is_text).then(|| quoted(text)),
        Kind::Bool => flag(text),
        Kind::Integer { min, max } => integer(text, i128::from(*min), i128::from(*max)),
        Kind::Number if SHARES.contains(&key) && text.ends_with('%') => share(text),
        Kind::Number => number(text),
        Kind::Within(_) => number(text.trim_end_matches('%').trim_end()),
        Kind::Form("duration") if is_text => duration(text).map(quoted),
        Kind::Form("size") if is_text => size(text).map(quoted),
        Kind::Form("list") => list(text).map(quoted),
        Kind::Form("cpu_max") => cpu_max(text, is_text).map(quoted),
        Kind::Form("machine") => machine(text).map(quoted),
        Kind::Word(words) => {
            let unlimited = UNLIMITED.contains(&text.to_lowercase().as_str()) && words.contains(&"max");
            unlimited.then(|| quoted("max"))
        }
        Kind::Form(_) | Kind::List(_) | Kind::Table(_) | Kind::Variants(_) | Kind::Either(_) | Kind::Null => {
            None
        }
    }
}

/// A duration with a unit as people spell it, as in `5 seconds` or `1m 30s`.
pub(crate) fn duration(text: &str) -> Option<String> {
    let text = text.trim().replace(',', ".").replace('_', "");
    let (mut nanos, mut rest, mut parts) = (0u128, text.as_str(), Vec::new());
    while !rest.is_empty() {
        let unit = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(unit);
        let tail = tail.trim_start();
        let end = tail.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(tail.len());
        let part = format!("{number}{}", unit_of_time(&tail[..end])?);
        nanos += parse_duration(&part).ok()?.as_nanos();
        parts.push(part);
        rest = tail[end..].trim_start();
    }
    match &parts[..] {
        [] => None,
        [one] => Some(one.clone()),
        _ => {
            let whole = Duration::from_nanos(u64::try_from(nanos).ok()?);
            Some(render_duration(whole))
        }
    }
}

fn unit_of_time(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let unit = match lower.trim_end_matches('.') {
        "ns" | "nsec" | "nsecs" | "nanosecond" | "nanoseconds" => "ns",
        "us" | "µs" | "μs" | "usec" | "usecs" | "microsecond" | "microseconds" => "us",
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => "ms",
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "min",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        _ => return None,
    };
    // A capital M is no minute to everybody.
    (word != "M").then_some(unit)
}

/// A size whose unit is spelt as others do. Decimal units are close to ours, and mostly not meant as such.
pub(crate) fn size(text: &str) -> Option<String> {
    let text = text.trim().replace(',', ".").replace('_', "");
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let letter = match unit.trim().to_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => "",
        "k" | "kb" | "kib" | "ki" => "K",
        "m" | "mb" | "mib" | "mi" => "M",
        "g" | "gb" | "gib" | "gi" => "G",
        "t" | "tb" | "tib" | "ti" => "T",
        _ => return None,
    };
    let guess = format!("{number}{letter}");
    parse_size(&guess).ok().map(|_| guess)
}

/// A list of numbers with other signs between them, as in `0..3` or `0; 2`; without the end, as in Rust, it
/// would be another.
pub(crate) fn list(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['[', ']']).replace("..=", "-").replace(';', ",").replace(':', "-");
    let text = if text.contains("..") { return None } else { text };
    let parts: Vec<_> = text.split([',', ' ', '\t']).filter(|part| !part.is_empty()).collect();
    let set = IdSet::<16>::parse(&parts.join(",")).ok()?;
    Some(set.to_string()).filter(|list| !list.is_empty())
}

/// CPU time as a number of CPUs, in percent without the sign, or as the kernel's file has it.
pub(crate) fn cpu_max(text: &str, is_text: bool) -> Option<String> {
    if is_text && UNLIMITED.contains(&text.to_lowercase().as_str()) {
        return Some("max".to_owned());
    }
    if let Some((quota, period)) = text.split_once(char::is_whitespace).filter(|_| !text.ends_with('%')) {
        let micros = |number: &str| number.trim().parse::<u64>().ok().map(Duration::from_micros);
        let quota = if quota == "max" { quota.to_owned() } else { render_duration(micros(quota)?) };
        return Some(format!("{quota}/{}", render_duration(micros(period)?)));
    }
    let number = text.trim_end_matches('%').trim_end();
    let value: f64 = number.parse().ok()?;
    let percent = match (text.ends_with('%'), number.contains('.')) {
        (true, false) => return Some(format!("{number}%")).filter(|guess| guess != text),
        (true, true) => return None,
        (false, true) => value * 100.0,
        (false, false) => value,
    };
    let is_whole = percent.fract() == 0.0 && (1.0..=100_000.0).contains(&percent);
    is_whole.then(|| format!("{percent}%"))
}

/// A machine with other signs between its numbers, or as the number of its CPUs.
fn machine(text: &str) -> Option<String> {
    let numbers = text.to_lowercase().replace(['*', ',', ':', ' ', '×'], "x");
    let numbers: Vec<_> = numbers.split('x').filter(|number| !number.is_empty()).collect();
    let guess = match numbers[..] {
        [cpus] => format!("1x1x{cpus}x1"),
        _ => numbers.join("x"),
    };
    guess.parse::<Uniform>().ok().map(|_| guess)
}

fn flag(text: &str) -> Option<String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" | "enabled" => Some("true".to_owned()),
        "false" | "no" | "off" | "0" | "n" | "disabled" => Some("false".to_owned()),
        _ => None,
    }
}

fn integer(text: &str, min: i128, max: i128) -> Option<String> {
    let whole = text.strip_suffix(".0").unwrap_or(text).replace('_', "");
    let number: i128 = whole.parse().ok()?;
    (min..=max).contains(&number).then(|| number.to_string())
}

fn number(text: &str) -> Option<String> {
    let text = text.replace(',', ".");
    let value: f64 = text.parse().ok()?;
    value.is_finite().then(|| format!("{value:?}"))
}

/// A percentage, or a part of one, as a fraction.
pub(crate) fn share(text: &str) -> Option<String> {
    let text = text.trim();
    let percent =
        text.strip_suffix('%').and_then(|percent| percent.trim().replace(',', ".").parse::<f64>().ok());
    let fraction = percent.map(|percent| percent / 100.0).or_else(|| text.replace(',', ".").parse().ok())?;
    (0.0..=1.0).contains(&fraction).then(|| format!("{fraction:?}"))
}

/// A number or a text without its quotes.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => (number.radix() == 10).then(|| number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn quoted(text: impl AsRef<str>) -> String {
    crate::render::toml_text::text(text.as_ref())
}

/// A cure that offers a guess.
pub(crate) fn cure(guess: &str) -> String {
    format!("did you mean `{guess}`?")
}

/// A scheduling policy by the kernel's name for it, or one that takes arguments without them.
pub(crate) fn policy(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    match lower.trim_start_matches("sched_") {
        "fifo" => Some("{ fifo = 50 }".to_owned()),
        "rr" | "round_robin" => Some("{ round_robin = 50 }".to_owned()),
        "deadline" => Some("{ runtime = \"1ms\", deadline = \"10ms\", period = \"10ms\" }".to_owned()),
        "other" | "normal" | "fair" | "cfs" => Some(quoted("normal")),
        plain @ ("batch" | "idle" | "ext") => Some(quoted(plain)),
        _ => None,
    }
}
