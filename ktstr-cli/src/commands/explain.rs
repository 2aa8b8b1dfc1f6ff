//! `ktstr explain`: what a code means.

use crate::args::Explain;
use crate::exit::{Exit, Failure};
use crate::hint;
use crate::output::out;
use ktstr_core::CodeInfo;
use ktstr_file::pages::plain;
use ktstr_file::report::terminal::harmless_line;
use ktstr_file::report::text::table;

pub(crate) fn run(args: &Explain) -> Result<Exit, Failure> {
    let text = match &args.code {
        None => list(),
        Some(code) if code.is_empty() => return Err(unknown(code)),
        Some(code) => explain(code).or_else(|| listed(code)).ok_or_else(|| unknown(code))?,
    };
    out(&text)?;
    Ok(Exit::Pass)
}

/// All codes there are, in order.
pub(crate) fn codes() -> Vec<CodeInfo> {
    ktstr_file::codes().chain(ktstr_vm::error::VmCode::ALL.map(|code| *code.info())).collect()
}

fn unknown(code: &str) -> Failure {
    let shown = harmless_line(&code.chars().take(20).collect::<String>());
    Failure::invalid(format!("there is no code `{shown}`; `ktstr explain` lists all"))
}

/// What a code means; case does not matter.
fn explain(code: &str) -> Option<String> {
    let CodeInfo { code, what, cure, why, source, class, .. } =
        codes().into_iter().find(|info| info.code.eq_ignore_ascii_case(code))?;
    let why = if why.is_empty() { String::new() } else { format!("{why}\n") };
    let hint = match hint::of_code(code) {
        "" => String::new(),
        hint => format!("With this program: {hint}.\n"),
    };
    Some(format!(
        "{code}: {}\n\n{why}{}\n\nWhat to do: {}.\n{hint}Where it comes from: {source}.\n",
        plain(what),
        class.text(),
        plain(cure)
    ))
}

/// The codes that begin like this, as those of one family do; `None` if none does.
fn listed(start: &str) -> Option<String> {
    let begins = |code: &str| code.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let all = codes().into_iter().filter(|info| begins(info.code));
    let rows: Vec<_> = all.map(|info| [info.code.to_owned(), plain(info.what)]).collect();
    let heading = ["code", "what it means"].map(str::to_owned);
    (!rows.is_empty()).then(|| table(&[vec![heading], rows].concat()))
}

fn list() -> String {
    listed("").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_listed_is_explained() {
        let codes: Vec<_> =
            list().lines().skip(1).filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
        assert!(codes.len() > 100, "{} codes", codes.len());
        for code in codes {
            let text = explain(&code.to_lowercase()).unwrap_or_else(|| panic!("{code}"));
            assert!(text.starts_with(&format!("{code}: ")) && text.contains("What to do: "), "{text}");
            assert!(!text.contains(['{', '}']), "{text}");
        }
        assert_eq!((explain("E9999"), listed("E9999")), (None, None));
        assert_eq!(listed("e05").map(|text| text.lines().count()), Some(1 + 8));
    }

    /// What differs from place to place is left open, and no value is made up for it.
    #[test]
    fn nothing_is_made_up() {
        for info in codes() {
            let text = explain(info.code).unwrap_or_default();
            for dummy in ["NAME", "VALUE", "LIMIT", "REASON", "OTHER", "FIELD", "RANGE", "CAUSE"] {
                let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                assert!(!words.clone().any(|word| word == dummy), "{dummy} in {text}");
            }
        }
        let open = explain("E0201").unwrap_or_default();
        assert!(open.starts_with("E0201: no cgroup `…` has been made"), "{open}");
    }
}
