//! What is expected of a file, in words, and which value of it.

use crate::units::render_duration;
use ktstr_core::FileCheck;

/// `memory.events oom_kill`
pub fn which_value(file: &str, key: Option<&str>) -> String {
    key.map_or_else(|| file.to_owned(), |key| format!("{file} {key}"))
}

/// `at least 1 within 2s`
pub(crate) fn expected_of(check: &FileCheck<'_>) -> String {
    let mut parts = Vec::new();
    parts.extend(check.equals.map(|text| format!("\"{text}\"")));
    parts.extend(check.contains.map(|text| format!("\"{text}\" in it")));
    parts.extend(range(check.min, check.max));
    let change = check.change.and_then(|change| range(change.min, change.max));
    parts.extend(change.map(|range| format!("a change of {range} since the step began")));
    let within = check.within.map(|time| format!(" within {}", render_duration(time))).unwrap_or_default();
    parts.join(" and ") + &within
}

fn range(min: Option<f64>, max: Option<f64>) -> Option<String> {
    match (min, max) {
        (Some(min), Some(max)) if min == max => Some(format!("{min}")),
        (Some(min), Some(max)) => Some(format!("{min} to {max}")),
        (Some(min), None) => Some(format!("at least {min}")),
        (None, Some(max)) => Some(format!("at most {max}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::Change;
    use std::time::Duration;

    #[test]
    fn all_that_is_expected_is_said() {
        let check = FileCheck::file("f");
        for (check, words) in [
            (check.equals("0-3"), "\"0-3\""),
            (check.contains("cpu").max(2.5), "\"cpu\" in it and at most 2.5"),
            (check.min(1.0).within(Duration::from_secs(2)), "at least 1 within 2s"),
            (check.min(1.0).max(1.0), "1"),
            (
                check.change(Change { min: Some(1.0), max: Some(3.0) }),
                "a change of 1 to 3 since the step began",
            ),
        ] {
            assert_eq!(expected_of(&check), words);
        }
    }
}
