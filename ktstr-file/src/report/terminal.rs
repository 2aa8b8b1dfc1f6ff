//! Text that others wrote, for terminals: nothing in it moves the cursor, nor turns the order of what is shown.

use std::fmt::Write as _;

/// A line with all escaped that acts on a terminal. A tab stays.
pub(super) fn harmless(line: &str) -> String {
    line.chars().fold(String::new(), |mut out, character| {
        if character != '\t' && acts(character) {
            out.extend(character.escape_debug());
        } else {
            out.push(character);
        }
        out
    })
}

/// A JSON document with the same escaped, where JSON itself does not ask for that: the document says the same.
pub(super) fn harmless_json(json: String) -> String {
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

/// Control characters; Unicode's bidirectional controls; its separators of lines and paragraphs.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
        for character in ('\0'..=char::MAX).filter(|c| c.is_control() && *c != '\t') {
            assert!(harmless(&character.to_string()).starts_with('\\'), "{character:?}");
        }
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
