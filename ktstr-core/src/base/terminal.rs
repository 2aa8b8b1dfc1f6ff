//! Which characters act on a terminal, and how they are shown instead. Names, messages, reports, and what
//! guests and payloads wrote all go by this one rule; what it does not do is decide where: that is the
//! output's part.

use crate::base::text::Text;

/// Room for the longest escape, `\u{10ffff}`.
pub const ESCAPE: usize = 10;

/// Whether a character acts on a terminal, or changes the order of what is shown: the control characters C0,
/// DEL and C1 (ECMA-48), Unicode's bidirectional controls (UAX 9), and its separators of lines and
/// paragraphs.
pub const fn acts(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// What is shown in place of a character that [`acts`], as Rust writes it in a string; nothing for any other.
pub const fn escape(character: char) -> Option<Text<ESCAPE>> {
    if !acts(character) {
        return None;
    }
    let mut text = Text::new();
    match character {
        '\0' => text.push_str("\\0"),
        '\t' => text.push_str("\\t"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        other => {
            text.push_str("\\u{");
            text.push_hex(other as u32);
            text.push_str("}");
        }
    }
    Some(text)
}

/// The first character of a text and what follows it; nothing for an empty one. For `const fn`, where there
/// is no iterator.
pub const fn split_first(text: &str) -> Option<(char, &str)> {
    let bytes = text.as_bytes();
    let (len, first) = match bytes {
        [] => return None,
        [first @ ..0x80, ..] => (1, *first as u32),
        [first @ ..0xE0, ..] => (2, (*first & 0x1F) as u32),
        [first @ ..0xF0, ..] => (3, (*first & 0x0F) as u32),
        [first, ..] => (4, (*first & 0x07) as u32),
    };
    let mut code = first;
    let mut at = 1;
    while at < len {
        code = code << 6 | (bytes[at] & 0x3F) as u32;
        at += 1;
    }
    match char::from_u32(code) {
        Some(character) => Some((character, text.split_at(len).1)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::{String, ToString};

    #[test]
    fn all_control_characters_act_and_are_shown_as_rust_writes_them() {
        for character in '\0'..=char::MAX {
            assert!(acts(character) || !character.is_control(), "{character:?}");
            let shown = escape(character).map(|text| text.to_string());
            let rusts: Option<String> = acts(character).then(|| character.escape_debug().collect());
            assert_eq!(shown, rusts, "{character:?}");
        }
    }

    #[test]
    fn a_text_is_split_into_its_characters() {
        let text: String =
            ['\0', 'a', '\u{7f}', '\u{80}', 'ä', '\u{7ff}', '\u{800}', '\u{ffff}', '🦀', char::MAX]
                .into_iter()
                .collect();
        let (mut rest, mut seen) = (text.as_str(), String::new());
        while let Some((character, after)) = split_first(rest) {
            seen.push(character);
            rest = after;
        }
        assert_eq!((seen, rest), (text.clone(), ""));
    }
}
