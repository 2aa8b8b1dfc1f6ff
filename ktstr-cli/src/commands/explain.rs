//! `ktstr explain`: what a code means.

use crate::args::Explain;
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::vm::cure_of;
use ktstr_core::FaultKind;
use ktstr_core::rules::{Class, RULES, Rule};
use ktstr_file::Code;
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

fn unknown(code: &str) -> Failure {
    let shown = harmless_line(&code.chars().take(20).collect::<String>());
    Failure::invalid(format!("there is no code `{shown}`; `ktstr explain` lists all"))
}

/// What a code means; case does not matter.
fn explain(code: &str) -> Option<String> {
    let is = |other: &str| other.eq_ignore_ascii_case(code);
    if let Some(rule) = RULES.iter().find(|rule| is(rule.code)) {
        return Some(explain_rule(rule));
    }
    let (code, what, cure) = plain_codes().into_iter().find(|(code, _, _)| is(code))?;
    let kind = match code.chars().next() {
        Some('F') => "Something that went wrong while a scenario ran, or kept it from running.",
        Some('T') => "Something that is wrong with a scenario file before its meaning is looked at.",
        _ => "Something that went wrong with the virtual machine.",
    };
    Some(format!("{code}: {what}\n\n{kind}\n\nWhat to do: {cure}.\n"))
}

/// The codes that have no rule: code, meaning, cure.
fn plain_codes() -> Vec<(String, String, String)> {
    let faults = FaultKind::ALL.into_iter().map(FaultKind::texts);
    let files = Code::ALL.into_iter().map(Code::texts);
    let texts = faults.chain(files).map(|(code, what, cure)| [code, what, cure].map(str::to_owned));
    let vm = ktstr_vm::error::examples()
        .into_iter()
        .map(|error| [error.code().to_owned(), without_numbers(&error.to_string()), cure_of(&error)]);
    texts.chain(vm).map(|[code, what, cure]| (code, what, cure)).collect()
}

/// An example's numbers stand for any: each that is a word of its own, a unit or a bracket apart, becomes
/// `N`.
fn without_numbers(text: &str) -> String {
    let word = |word: &str| {
        let inner = word.trim_start_matches('(');
        let rest = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_number = rest.len() < inner.len()
            && ["", ",", ".", ":", ";", ")", "ns", "s"].contains(&rest.trim_end_matches([',', ';']));
        if is_number { format!("{}N{rest}", &word[..word.len() - inner.len()]) } else { word.to_owned() }
    };
    let lines: Vec<_> =
        text.split('\n').map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect();
    lines.join("\n")
}

fn explain_rule(rule: &Rule) -> String {
    let class = match rule.class {
        Class::Kernel => "Run all the same, the action at this place would fail or hang.",
        Class::Promise => {
            "Run all the same, it would go through, but not do what was asked for, or leave something behind."
        }
    };
    let Rule { code, why, source, .. } = rule;
    format!(
        "{code}: {}\n\n{why}\n{class}\n\nWhat to do: {}.\nWhere the rule comes from: {source}.\n",
        plain(rule.what),
        plain(rule.cure)
    )
}

/// The placeholders of a rule as words.
fn plain(template: &str) -> String {
    template
        .replace("{name}", "NAME")
        .replace("{other}", "OTHER")
        .replace("{field}", "FIELD")
        .replace("{range}", "RANGE")
        .replace("{value}", "VALUE")
        .replace("{limit}", "LIMIT")
        .replace("{cause}", "CAUSE")
}

/// The codes that begin like this, as those of one family do; `None` if none does.
fn listed(start: &str) -> Option<String> {
    let begins = |code: &str| code.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    let rows: Vec<_> = rows().into_iter().filter(|[code, _]| begins(code)).collect();
    let heading = ["code", "what it means"].map(str::to_owned);
    (!rows.is_empty()).then(|| table(&[vec![heading], rows].concat()))
}

fn list() -> String {
    listed("").unwrap_or_default()
}

fn rows() -> Vec<[String; 2]> {
    let rules = RULES.iter().map(|rule| [rule.code.to_owned(), plain(rule.what)]);
    rules.chain(plain_codes().into_iter().map(|(code, what, _)| [code, what])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_of_an_example_is_shown() {
        for (text, shown) in [
            ("takes 0 MiB, has 12", "takes N MiB, has N"),
            ("after 0ns (1 of 2)", "after Nns (N of N)"),
            ("QEMU 7.2 of E0411, 64-bit", "QEMU 7.2 of E0411, 64-bit"),
        ] {
            assert_eq!(without_numbers(text), shown);
        }
        for (code, what, _) in plain_codes() {
            assert!(!what.split(' ').any(|word| word == "0" || word.starts_with("0n")), "{code}: {what}");
        }
    }

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
}
