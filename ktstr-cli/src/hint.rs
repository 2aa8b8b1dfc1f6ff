//! What this program can do about an error beside what the error says itself: the libraries know nothing of
//! its options.

/// The program's way out of an error with this code, as the end of a sentence; empty where there is none.
pub(crate) fn of_code(code: &str) -> &'static str {
    match code {
        "F005" => "`--backend vm` and `--backend mock` have all controllers",
        "V023" => "`--accel tcg` takes TCG",
        "V027" => "`ktstr run --backend vm --report FILE` writes such a report",
        _ => "",
    }
}

/// A message with that way out.
pub(crate) fn with(message: String, code: &str) -> String {
    match of_code(code) {
        "" => message,
        hint => format!("{message}; {hint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::explain::codes;

    #[test]
    fn hints_are_of_codes_that_there_are_and_only_they_name_options() {
        let all = codes();
        for code in ["F005", "V023", "V027"] {
            assert!(all.iter().any(|info| info.code == code) && !of_code(code).is_empty(), "{code}");
        }
        for info in all {
            let texts = [info.what, info.cure, info.why, info.source].join(" ");
            let options = texts.split([' ', '`']).filter(|word| word.starts_with("--"));
            let foreign = ["--no-install-recommends"];
            assert!(options.clone().all(|word| foreign.contains(&word)), "{}: {texts}", info.code);
        }
    }
}
