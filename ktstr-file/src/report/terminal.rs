//! Text that others wrote, for terminals: nothing in it moves the cursor, nor turns the order of what is
//! shown.

use ktstr_core::terminal::{acts, escape};
use std::borrow::Cow;
use std::fmt::Write as _;

/// A text with all escaped that acts on a terminal; ends of lines and tabs stay. Every byte that the program
/// shows goes through this once, at the output; doing it again changes nothing.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let open = |character| acts(character) && character != '\n' && character != '\t';
    if !text.contains(open) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match escape(character).filter(|_| open(character)) {
            Some(escaped) => out.push_str(escaped.as_str()),
            None => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// The same as one line: ends of lines are escaped too.
pub fn harmless_line(line: &str) -> String {
    harmless(line).replace('\n', "\\n")
}

/// A JSON document with the same escaped, where JSON itself does not ask for that: the document says the
/// same.
pub(crate) fn harmless_json(json: String) -> String {
    let open = |character| character >= '\u{7f}' && acts(character);
    if !json.contains(open) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut out, character| {
        if open(character) {
            // They are of the basic plane, so that one escape is enough; it cannot fail on a string.
            let _ = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_acts_on_a_terminal() {
        for (text, line) in [
            ("plain ä🦀 \\n", "plain ä🦀 \\n"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}", "\\u{1b}[2J\\u{1b}]0;x\\u{7}"),
            ("a\tb", "a\tb"),
            ("10%\r20%", "10%\\r20%"),
            ("\0\u{8}\u{7f}\u{9b}31m", "\\0\\u{8}\\u{7f}\\u{9b}31m"),
            ("\u{202e}abc\u{2066}\u{2028}", "\\u{202e}abc\\u{2066}\\u{2028}"),
        ] {
            assert_eq!(harmless(text), line);
        }
        for character in ('\0'..=char::MAX).filter(|c| acts(*c) && !"\t\n".contains(*c)) {
            assert!(harmless(&character.to_string()).starts_with('\\'), "{character:?}");
        }
        assert_eq!(
            (harmless("a\nb\r\n"), harmless_line("a\nb\t")),
            ("a\nb\\r\n".into(), "a\\nb\t".to_owned())
        );
    }

    #[test]
    fn json_reads_the_same_after_it() {
        let text: String = ('\0'..='\u{ffff}').collect();
        let plain = serde_json::to_string(&text).expect("JSON");
        let shown = harmless_json(plain.clone());
        assert!(!shown.contains(acts) && plain.contains(acts));
        assert_eq!(serde_json::from_str::<String>(&shown).expect("JSON"), text);
        assert_eq!(harmless_json("{\n\"ä🦀\": 1}".to_owned()), "{\n\"ä🦀\": 1}");
    }
}
