//! What this program can do about an error beside what the error says itself: the libraries know nothing of
//! its options and commands.

use ktstr_file::report::RunReport;
use std::collections::BTreeSet;

const DOCTOR: &str = "`ktstr doctor` says what is missing";
const TOPO: &str = "`ktstr topo` lists the CPUs, caches and nodes of this machine";
const CLEAN: &str = "`ktstr clean` removes what a run has left, if it is ours";
const FETCH_KERNEL: &str = "`ktstr kernel fetch 6.12` (or `sid`) fetches a kernel";

/// The program's way out of each code that it has one for, as the end of a sentence.
const HINTS: &[(&str, &str)] = &[
    ("E0407", TOPO),
    ("E0408", TOPO),
    ("E0409", TOPO),
    ("E0413", TOPO),
    ("E0912", TOPO),
    ("F001", CLEAN),
    ("F004", DOCTOR),
    (
        "F005",
        "`--backend vm` and `--backend mock` have all controllers, and `ktstr doctor` says what is missing",
    ),
    ("F010", TOPO),
    ("F017", CLEAN),
    ("F025", "`--backend vm` boots a kernel that has it; `ktstr kernel fetch sid` fetches one"),
    ("V001", FETCH_KERNEL),
    ("V006", FETCH_KERNEL),
    ("V007", FETCH_KERNEL),
    ("V020", "`ktstr qemu fetch` fetches QEMU"),
    ("V023", "`--accel tcg` takes TCG"),
    ("V027", "`ktstr run --backend vm --report FILE` writes such a report"),
];

/// The program's way out of an error with this code; empty where there is none.
pub(crate) fn of_code(code: &str) -> &'static str {
    HINTS.iter().find(|(of, _)| *of == code).map_or("", |(_, hint)| hint)
}

/// A message with that way out.
pub(crate) fn with(message: String, code: &str) -> String {
    match of_code(code) {
        "" => message,
        hint => format!("{message}; {hint}"),
    }
}

/// The ways out of several errors, and other hints: a line for each that there is, once.
pub(crate) fn lines<'c>(codes: impl IntoIterator<Item = &'c str>, others: &[&'static str]) -> String {
    let hints: BTreeSet<_> = codes.into_iter().map(of_code).chain(others.iter().copied()).collect();
    hints.into_iter().filter(|hint| !hint.is_empty()).map(|hint| format!("hint: {hint}\n")).collect()
}

/// What there is to be done about what a report says, a line each.
pub(crate) fn of_report(report: &RunReport) -> String {
    let left: &[_] = if report.leftovers.is_empty() { &[] } else { &[CLEAN] };
    lines(report.error.iter().map(|error| error.code.as_str()), left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::explain::codes;

    #[test]
    fn hints_are_of_codes_that_there_are_and_only_they_name_the_program() {
        let all = codes();
        for (code, hint) in HINTS {
            assert!(all.iter().any(|info| info.code == *code) && !hint.is_empty(), "{code}");
        }
        assert!(HINTS.is_sorted_by(|(one, _), (other, _)| one < other), "each code once");
        for info in all {
            let texts = [info.what, info.cure, info.why, info.source].join(" ");
            let options = texts.split([' ', '`']).filter(|word| word.starts_with("--"));
            let foreign = ["--no-install-recommends"];
            assert!(options.clone().all(|word| foreign.contains(&word)), "{}: {texts}", info.code);
            assert!(!texts.contains("`ktstr "), "{}: {texts}", info.code);
        }
    }

    #[test]
    fn each_hint_is_given_once() {
        assert_eq!(lines(["E0407", "E0101", "E0413"], &[]), format!("hint: {TOPO}\n"));
        assert_eq!(lines(["F017"], &[CLEAN]), format!("hint: {CLEAN}\n"));
        assert_eq!(lines([], &[]), "");
    }
}
